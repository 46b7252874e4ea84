# shellcheck shell=bash
# Building: the extension, the debug PHP that judges leaks, the fuzzers.

profile="${TETHER_PROFILE:-release}"

profile_folder() { if [ "$1" = dev ]; then echo debug; else echo "$1"; fi; }

extension="$target/$(profile_folder "$profile")/libtether.so"

build() {
	has "$php_config" || die "php-config is missing: run ./dev setup"
	cargo build --profile "$profile"
	[ -f "$extension" ] || die "cargo built no $extension"
	say "built: $extension"
	say "load it with: php -d extension=$extension app.php"
}

stubs() {
	build >/dev/null
	[ -f stubs/check.php ] || die "stubs/check.php is missing"
	check "stubs" "$(php_binary)" -n -d "extension=$extension" stubs/check.php "$@"
	if [ "${1:-}" = --check ]; then check "composer" composer_takes_stubs; fi
}

# As README says it, in a project of its own; nothing else is looked up.
composer_takes_stubs() (
	project="$(mktemp -d)"
	trap 'rm -rf "$project"' EXIT
	cd "$project"
	export COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_HOME="$project/home"
	echo '{"repositories": [{"packagist.org": false}]}' >composer.json
	composer -q config repositories.tether path "$root/stubs" &&
		composer -q require --dev tether-php/stubs:@dev &&
		[ -f vendor/tether-php/stubs/src/functions.php ] && composer validate -q --no-check-publish "$root/composer.json"
)

lint() {
	local failed=0 scripts=(dev .ci/run dev.d/*.sh)
	check "rustfmt" cargo fmt --check || failed=1
	check "clippy without PHP" cargo clippy -q --all-targets --no-default-features -- -D warnings || failed=1
	check "clippy with PHP" cargo clippy -q --lib -- -D warnings || failed=1
	check "the fuzz targets" fuzz_check || failed=1
	check "the layers" cargo test -q --no-default-features --test architecture || failed=1
	if has shellcheck; then
		check "shellcheck" shellcheck -x "${scripts[@]}" || failed=1
	else
		check "bash -n" bash_syntax "${scripts[@]}" || failed=1
	fi
	if has cargo-deny && [ -f deny.toml ]; then check "cargo deny" cargo deny --offline check bans licenses sources || failed=1; fi
	return "$failed"
}

# They are a crate of their own, which no other build looks at. Nothing is linked: libFuzzer itself,
# and a C++ compiler for it, need not be there.
fuzz_check() {
	CUSTOM_LIBFUZZER_PATH=/nowhere/libFuzzer.a CARGO_TARGET_DIR="$target/fuzz" \
		cargo check -q --manifest-path fuzz/Cargo.toml
}

bash_syntax() {
	local script
	for script in "$@"; do bash -n "$script" || return 1; done
}

fuzz() {
	[ $# -eq 2 ] || die "usage: ./dev fuzz TARGET SECONDS (targets: $(fuzz_targets))"
	[ -f "fuzz/fuzz_targets/$1.rs" ] || die "no fuzz target $1 (there are: $(fuzz_targets))"
	has c++ || die "fuzzing needs a C++ compiler: apt-get install g++"
	has cargo-fuzz || cargo install --locked cargo-fuzz
	# The sanitizer flags are unstable: a nightly has them, and a stable compiler when told so.
	if rustup run nightly rustc --version >/dev/null 2>&1; then
		cargo +nightly fuzz run "$1" -- -max_total_time="$2"
	else
		RUSTC_BOOTSTRAP=1 cargo fuzz run "$1" -- -max_total_time="$2"
	fi
}

fuzz_targets() {
	local names
	names="$(find fuzz/fuzz_targets -name '*.rs' -printf '%f ' 2>/dev/null || true)"
	echo "${names//.rs/}"
}

php_binary() { "$php_config" --php-binary; }

# Sets debug_prefix: a PHP with its leak report and refcount checks, built once from Debian's source
# package. Only the main archive is asked: the security pool drops the versions it replaced.
debug_php() {
	local version source_version tree
	version="$("$php_config" --version | cut -d. -f1,2)"
	debug_prefix="$(find_debug_php "$version")"
	[ -z "$debug_prefix" ] || return 0

	tree="$cache/src"
	mkdir -p "$tree"
	[ -n "$(find_debug_source "$version")" ] || download_php_source "php$version" "$tree"
	local archive
	archive="$(find_debug_source "$version")"
	[ -n "$archive" ] || die "apt-get source gave no php${version}_*.orig.tar.xz in $tree"
	source_version="${archive##*/php"$version"_}"
	source_version="${source_version%.orig.tar.xz}"
	debug_prefix="$cache/php-debug-$source_version"
	build_debug_php "$archive" "$tree/php-$source_version"
}

# The prefix is moved into place when all is installed, so what is found is whole.
find_debug_php() { newest "$cache/php-debug-$1.*[0-9]/bin/php" | sed 's|/bin/php$||'; }
find_debug_source() { newest "$cache/src/php$1_*.orig.tar.xz"; }
newest() { { compgen -G "$1" || true; } | sort -V | tail -n1; }

download_php_source() {
	local package="$1" folder="$2" suite
	suite="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")"
	[ -n "$suite" ] || die "no VERSION_CODENAME in /etc/os-release: the debug PHP needs Debian's sources"
	has apt-get || die "no apt-get here: unpack a php*.orig.tar.xz into $folder by hand"
	mkdir -p "$folder/parts" "$folder/lists/partial"
	cat >"$folder/parts/src.sources" <<LIST
Types: deb-src
URIs: http://deb.debian.org/debian
Suites: $suite $suite-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
LIST
	local options=(-q -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$folder/parts"
		-o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/lists"
		-o APT::Sandbox::User=)
	say "fetching Debian's source of $package"
	apt-get "${options[@]}" update
	(cd "$folder" && apt-get "${options[@]}" source --download-only "$package")
}

build_debug_php() {
	local archive="$1" tree="$2" log="$cache/build.log" stage="$debug_prefix.stage"
	say "building the debug PHP in $tree (about 90 s, once; log: $log)"
	rm -rf "$tree" "$stage"
	mkdir -p "$tree"
	tar -xJf "$archive" -C "$tree" --strip-components=1
	(
		cd "$tree"
		./configure --prefix="$debug_prefix" --disable-all --enable-cli --enable-debug \
			--with-pcre-jit=no --enable-pcntl --enable-posix --enable-sockets &&
			make -j2 && make INSTALL_ROOT="$stage" install
	) >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "the debug PHP did not build, see $log"
	}
	mv "$stage$debug_prefix" "$debug_prefix"
	rm -rf "$stage" "$tree"
}

# Sets debug_extension: the extension built for the debug PHP, whose ABI differs.
build_for_debug_php() {
	debug_php
	local folder="$target/debug-php" debug_profile="${TETHER_PROFILE:-dev}"
	PHP_CONFIG="$debug_prefix/bin/php-config" PHP="$debug_prefix/bin/php" CARGO_TARGET_DIR="$folder" \
		cargo build --profile "$debug_profile"
	debug_extension="$folder/$(profile_folder "$debug_profile")/libtether.so"
}
