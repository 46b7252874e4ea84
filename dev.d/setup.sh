# shellcheck shell=bash
# What the project needs on a Debian machine, installed only where it is missing.

# command:package, for what is recognised by its command
needed_commands="php:php-cli phpize:php-dev gcc:gcc make:make pkg-config:pkg-config xz:xz-utils
	redis-server:redis-server nginx:nginx mariadb-install-db:mariadb-server valgrind:valgrind wrk:wrk curl:curl ip:iproute2
	unshare:util-linux setpriv:util-linux composer:composer"

setup() {
	has cargo || die "Rust is missing: install it from https://rustup.rs, then run this again"
	setup_packages
	setup_rust
	say "setup: all there ($(php -n -r 'echo "PHP ", PHP_VERSION;'), $(rustc --version | cut -d' ' -f1,2))"
}

setup_packages() {
	local missing=() pair package
	for pair in $needed_commands; do
		package="${pair#*:}"
		if ! has "${pair%%:*}" && [[ " ${missing[*]} " != *" $package "* ]]; then
			missing+=("$package")
		fi
	done
	has_libclang || missing+=(libclang-dev)
	has_websockets || missing+=(python3-websockets)
	[ ${#missing[@]} -gt 0 ] || return 0

	say "setup: installing ${missing[*]}"
	has apt-get || die "no apt-get here: install by hand what matches ${missing[*]}"
	local as_root=()
	if [ "$(id -u)" -ne 0 ]; then
		has sudo || die "installing needs root: run as root, or have an administrator install ${missing[*]}"
		as_root=(sudo)
	fi
	install_quietly "${missing[@]}"
}

# Installs without starting a service: the tests start their own, on ports of their own.
install_quietly() (
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		trap '"${as_root[@]}" rm -f "$policy"' EXIT
		printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
		"${as_root[@]}" chmod 755 "$policy"
	fi
	"${as_root[@]}" apt-get update -q
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
)

# bindgen wants libclang and clang's own headers (without those: "stddef.h not found").
has_libclang() {
	compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null &&
		compgen -G '/usr/lib/llvm-*/lib/clang/*/include/stddef.h' >/dev/null
}

# A WebSocket server that is not ours, for one test.
has_websockets() {
	/usr/bin/python3 -c 'import websockets' 2>/dev/null || python3 -c 'import websockets' 2>/dev/null
}

setup_rust() {
	local missing=()
	cargo fmt --version >/dev/null 2>&1 || missing+=(rustfmt)
	cargo clippy --version >/dev/null 2>&1 || missing+=(clippy)
	[ ${#missing[@]} -gt 0 ] || return 0
	has rustup || die "this Rust has no ${missing[*]}, and no rustup to add it with"
	rustup component add "${missing[@]}"
}
