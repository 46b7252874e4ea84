# shellcheck shell=bash
# `./dev test`: every stage, its time, and one sum as the last line.

test_all() {
	TETHER_TALLY="$(mktemp)"
	export TETHER_TALLY
	# shellcheck disable=SC2064
	trap "rm -f '$TETHER_TALLY'" EXIT
	export TETHER_OPCACHE="${TETHER_OPCACHE:-off on}"

	stage setup
	stage lint
	stage rust-tests
	stage build
	stage phpt
	stage leaks
	stage leaks --debug-php
	TETHER_OPCACHE=on stage newer-php --if-possible php-tests/smoke.phpt php-tests/memory php-tests/clients php-tests/seeds php-tests/http php-tests/raw
	stage phpize-route
	stage stubs --check
	summarise
}

# stage COMMAND...: a process of its own, so that `set -e` holds in it; a stage that fails without
# having counted a failure is one.
stage() {
	local before after started=$SECONDS status=0
	say "=== $*"
	before="$(tally 2)"
	"$root/dev" "$@" || status=$?
	after="$(tally 2)"
	if [ "$status" -ne 0 ] && [ "$before" = "$after" ]; then count 0 1; fi
	say "=== $*: $([ "$status" -eq 0 ] && echo ok || echo FAILED), $((SECONDS - started)) s"
	[ "$status" -eq 0 ] || failed_stages+=("$*")
}
failed_stages=()

# tally COLUMN: the sum of the passed (1) or failed (2)
tally() { awk -v column="$1" '{ sum += $column } END { print sum + 0 }' "$TETHER_TALLY"; }

summarise() {
	local passed failed
	passed="$(tally 1)"
	failed="$(tally 2)"
	say "=== all: $SECONDS s"
	if [ ${#failed_stages[@]} -gt 0 ]; then printf 'failed: ./dev %s\n' "${failed_stages[@]}"; fi
	say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

rust_tests() {
	local log="$target/logs/rust.log" status=0 passed failed
	mkdir -p "$target/logs"
	cargo test --no-default-features 2>&1 | tee "$log" || status=$?
	read -r passed failed < <(awk '/^test result:/ { p += $4; f += $6 } END { print p + 0, f + 0 }' "$log")
	if [ $((passed + failed)) -eq 0 ] || { [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; }; then failed=$((failed + 1)); fi
	count "$passed" "$failed"
	[ "$failed" -eq 0 ]
}

# What a user without ./dev does, in a copy, for it litters; the crates that are built already serve.
phpize_route() {
	local copy log="$target/logs/phpize.log" status=0 path
	copy="$(mktemp -d)"
	# shellcheck disable=SC2064
	trap "rm -rf '$copy'" EXIT
	mkdir -p "$target/logs"
	copy_tree "$copy"
	path="$(dirname "$(command -v "$php_config")")/phpize"
	(
		export CARGO_TARGET_DIR="$target" NO_INTERACTION=1
		cd "$copy" && "$path" && ./configure --with-php-config="$(command -v "$php_config")" && make &&
			make test TESTS="${TESTS:-php-tests/smoke.phpt}" && make install INSTALL_ROOT="$copy/installed"
	) >"$log" 2>&1 || status=$?
	if [ "$status" -eq 0 ] && [ ! -f "$copy/installed$("$php_config" --extension-dir)/tether.so" ]; then
		say "make install installed no tether.so"
		status=1
	fi
	[ "$status" -eq 0 ] || tail -n 30 "$log"
	tally_phpt "$log" "phpize route" "$status"
}

# copy_tree FOLDER: what git knows and what is new, with the times that cargo compares.
copy_tree() {
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
			[ ! -e "$file" ] || printf '%s\0' "$file"
		done | tar -c --null -T - | tar -x -C "$1"
	else
		tar -c --exclude=./target . | tar -x -C "$1"
	fi
}
