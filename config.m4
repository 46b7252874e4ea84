dnl phpize && ./configure && make && make install: cargo builds the extension.
PHP_ARG_ENABLE([tether], [whether to enable tether],
  [AS_HELP_STRING([--enable-tether], [Enable tether (needs Rust)])], [yes])
PHP_ARG_ENABLE([tether-debug], [whether to build tether with cargo's dev profile],
  [AS_HELP_STRING([--enable-tether-debug], [Build tether with cargo's dev profile])], [no], [no])

if test "$PHP_TETHER" != "no"; then
  AC_PATH_PROG([CARGO], [cargo], [no], [$PATH:$HOME/.cargo/bin])
  if test "$CARGO" = "no"; then
    AC_MSG_ERROR([cargo not found: install Rust, see https://rustup.rs])
  fi
  if test "$PHP_TETHER_DEBUG" != "no"; then
    TETHER_PROFILE=dev
    TETHER_FOLDER=debug
  else
    TETHER_PROFILE=release
    TETHER_FOLDER=release
  fi
  PHP_SUBST(CARGO)
  PHP_SUBST(TETHER_PROFILE)
  PHP_SUBST(TETHER_FOLDER)

  dnl ext-php-rs wants absolute paths, of the PHP that phpize belongs to. Where that is the PHP it
  dnl finds by itself it is told nothing: other variables would make cargo build all of it again.
  AC_PATH_PROG([TETHER_PHP_CONFIG], [$PHP_CONFIG], [$PHP_CONFIG])
  if test "$TETHER_PHP_CONFIG" = "`command -v php-config`"; then
    TETHER_ENV=
  else
    TETHER_ENV="PHP_CONFIG='$TETHER_PHP_CONFIG' PHP='`$TETHER_PHP_CONFIG --php-binary`'"
  fi
  PHP_SUBST(TETHER_ENV)

  dnl What PHP_NEW_EXTENSION would do for a C source: a .la file, for make test and make install.
  PHP_MODULES="$PHP_MODULES \$(phplibdir)/tether.la"
  PHP_SUBST(PHP_MODULES)
  PHP_ADD_MAKEFILE_FRAGMENT([$abs_srcdir/Makefile.frag], [$abs_srcdir], [$abs_builddir])
fi
