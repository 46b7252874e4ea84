# shellcheck shell=bash
# `./dev newer-php`: the PHP tests under the PHP of the next Debian. Its packages lie in a root folder of
# their own, made once; the extension is built here with that PHP's headers, and tested in there.

newer_suite=trixie
newer_version=8.4
newer_root="$cache/debian-$newer_suite"
newer_packages="php$newer_version-cli,php$newer_version-dev,php$newer_version-opcache,redis-server,nginx,mariadb-server,iproute2,util-linux,procps,curl,openssl,ca-certificates"

newer_php() {
	local reason="" if_possible=no
	if [ "${1:-}" = --if-possible ]; then
		if_possible=yes
		shift
	fi
	if [ "$(id -u)" -ne 0 ]; then
		reason="only root can make a Debian root and enter it"
	elif ! make_newer_root; then
		reason="it could not be fetched, see $cache/debootstrap.log"
	fi
	if [ -n "$reason" ]; then
		[ "$if_possible" = yes ] || die "no PHP $newer_version: $reason"
		say "PHP $newer_version: NOT TESTED here: $reason"
		return 0
	fi
	write_newer_tools
	local folder="$target/php-$newer_version" newer_profile="${TETHER_PROFILE:-dev}" failed=0 mode flags
	PHP="$newer_root.php" PHP_CONFIG="$newer_root.php-config" CARGO_TARGET_DIR="$folder" \
		cargo build --profile "$newer_profile"
	local so="$folder/$(profile_folder "$newer_profile")/libtether.so"

	[ $# -gt 0 ] || set -- php-tests
	enter=("$newer_root.enter")
	run_tests="$(newer_php_config --prefix)/lib/php/$(newer_php_config --phpapi)/build/run-tests.php"
	for mode in ${TETHER_OPCACHE:-off on}; do
		flags="$(opcache_flags "$mode")" || die "unknown pass $mode in TETHER_OPCACHE (off, on, jit)"
		# shellcheck disable=SC2086
		run_phpt "PHP $newer_version opcache $mode" "/usr/bin/php$newer_version" "$so" $flags -- "$@" || failed=1
	done
	return "$failed"
}

newer_php_config() { chroot "$newer_root" "/usr/bin/php-config$newer_version" "$@"; }

# It is moved into place when all is installed, so what is found is whole.
make_newer_root() {
	[ ! -x "$newer_root/usr/bin/php$newer_version" ] || return 0
	has debootstrap || { as_root=() && install_quietly debootstrap; }
	say "fetching Debian $newer_suite with PHP $newer_version into $newer_root (about a minute, once)"
	mkdir -p "$cache"
	rm -rf "$newer_root.stage"
	debootstrap --variant=minbase --include="$newer_packages" "$newer_suite" "$newer_root.stage" \
		http://deb.debian.org/debian >"$cache/debootstrap.log" 2>&1 || return 1
	mkdir -p "$newer_root.stage/outside"
	cp /etc/hosts "$newer_root.stage/etc/hosts"
	mv "$newer_root.stage" "$newer_root"
}

# Three programs: php and php-config as a build out here wants them, and `enter COMMAND...`, which runs one
# in there. A changed root by chroot alone would not do: in it no user namespace can be made.
write_newer_tools() {
	write_tool php "exec chroot '$newer_root' /usr/bin/php$newer_version \"\$@\""
	write_tool php-config "case \"\$1\" in
--php-binary) echo '$newer_root.php' ;;
*) chroot '$newer_root' /usr/bin/php-config$newer_version \"\$@\" | sed 's#/usr/include#$newer_root/usr/include#g' ;;
esac"
	write_tool enter "exec unshare --mount --fork --kill-child bash -c '
set -e
mount --make-rprivate /
mount --bind \"\$NEWER_ROOT\" \"\$NEWER_ROOT\"
for folder in /proc /dev /sys \"\$PROJECT\" \"\$TARGET\"; do
	mkdir -p \"\$NEWER_ROOT\$folder\"
	mount --rbind \"\$folder\" \"\$NEWER_ROOT\$folder\"
done
cd \"\$NEWER_ROOT\"
pivot_root . outside
umount -l /outside
cd \"\$PROJECT\"
exec \"\$@\"' enter \"\$@\""
	export NEWER_ROOT="$newer_root" PROJECT="$root" TARGET="$target"
}

# write_tool NAME TEXT
write_tool() {
	printf '#!/bin/bash\n%s\n' "$2" >"$newer_root.$1"
	chmod +x "$newer_root.$1"
}

# run_script leaves its own argument, the name of this file, in front.
newer_php "${@:2}"
