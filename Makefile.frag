TESTS = php-tests
CARGO_TARGET_DIR ?= $(abspath $(top_builddir)/target)
TETHER_SO = $(CARGO_TARGET_DIR)/$(TETHER_FOLDER)/libtether.so

# Always ask cargo, which knows what is out of date. It reads .cargo/config.toml from the folder
# that it is started in.
.PHONY: tether-cargo
tether-cargo:
	cd $(top_srcdir) && $(TETHER_ENV) CARGO_TARGET_DIR="$(CARGO_TARGET_DIR)" $(CARGO) build --profile $(TETHER_PROFILE)

# run-tests and install-modules look for a .la that names the library, not for the library.
$(phplibdir)/tether.la: tether-cargo
	@mkdir -p $(phplibdir)
	cp $(TETHER_SO) $(phplibdir)/tether.so
	@printf "dlname='tether.so'\n" > $@
