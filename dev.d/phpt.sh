# shellcheck shell=bash
# The PHP tests: run-tests.php, as plain tests, under valgrind and under the debug PHP.

phpt() {
	build >/dev/null
	local failed=0 mode flags
	[ $# -gt 0 ] || set -- php-tests
	for mode in ${TETHER_OPCACHE:-off on}; do
		flags="$(opcache_flags "$mode")" || die "unknown pass $mode in TETHER_OPCACHE (off, on, jit)"
		# shellcheck disable=SC2086
		run_phpt "opcache $mode" "$(php_binary)" "$extension" $flags -- "$@" || failed=1
	done
	return "$failed"
}

# PHP up to 8.4 loads OPcache as a Zend extension; from 8.5 on it is built in.
opcache_flags() {
	local flags=""
	[ "$("$php_config" --vernum)" -ge 80500 ] || flags="-d zend_extension=opcache"
	case "$1" in
	off) flags="-d opcache.enable_cli=0" ;;
	on) flags="$flags -d opcache.enable_cli=1 -d opcache.jit=disable" ;;
	jit) flags="$flags -d opcache.enable_cli=1 -d opcache.jit=tracing -d opcache.jit_buffer_size=32M" ;;
	*) return 1 ;;
	esac
	echo "$flags"
}

leaks() {
	local judge=valgrind
	if [ "${1:-}" = --debug-php ]; then
		judge=debug-php
		shift
	fi
	if [ $# -eq 0 ]; then
		# The debug PHP is quick enough for everything.
		local folder folders="memory clients classes"
		[ "$judge" = valgrind ] || folders="$folders seeds event timer ledger mysql framing shared http regression async process tasks redis-server websocket tls raw server life ports process-mode recycling functions"
		for folder in $(printf 'php-tests/%s ' $folders); do [ ! -d "$folder" ] || set -- "$@" "$folder"; done
		# As long as there is no memory suite the smoke test stands in for it.
		[ $# -gt 0 ] || set -- php-tests/smoke.phpt
	fi
	case "$judge" in
	valgrind)
		build >/dev/null
		# TETHER_LEAK_CHECK=no leaves wrong accesses only: a program that ends with a cycle of its own, as one
		# whose callbacks bind the server does, is not collected by a PHP that is no debug build.
		# run-tests gives all processes of a test one log, which each new one truncates: so valgrind
		# watches the test's own process, and the harness starts PHP children under one of their own.
		VALGRIND_OPTS="--suppressions=$root/dev.d/valgrind.supp --leak-check=${TETHER_LEAK_CHECK:-full} --show-leak-kinds=definite --errors-for-leak-kinds=definite --num-callers=30 --trace-children-skip=*" \
			TETHER_JUDGE=valgrind run_phpt "valgrind" "$(php_binary)" "$extension" -m --show-mem -d pcre.jit=0 -- "$@"
		;;
	debug-php)
		build_for_debug_php
		# The leak report goes to stderr, which run-tests makes a part of the test's output.
		TETHER_JUDGE=debug-php run_phpt "debug PHP" "$debug_prefix/bin/php" "$debug_extension" -d report_memleaks=1 -- "$@"
		;;
	esac
}

# What run_phpt puts before PHP, and the run-tests.php that it runs: those of `./dev newer-php`, or this machine's.
enter=()
run_tests=""

# run_phpt LABEL PHP EXTENSION FLAGS... -- FILES...: one pass, counted; none executed is a failure.
run_phpt() {
	local label="$1" php="$2" so="$3" flags=() status=0
	shift 3
	while [ "$1" != -- ]; do
		flags+=("$1")
		shift
	done
	shift
	[ -f "$so" ] || die "$so is missing: run ./dev build"

	# Most tests wait, so more of them run at once than there are CPUs; not where all are busy.
	local jobs=6
	[ "${TETHER_JUDGE:-}" != valgrind ] || jobs=2
	mkdir -p "$target/logs"
	local log="$target/logs/phpt-${label// /-}.log"
	say "--- phpt, $label: $*"
	# Only valgrind reads this.
	export VALGRIND_OPTS="${VALGRIND_OPTS:-} --suppressions=$root/dev.d/valgrind-ring.supp"
	NO_INTERACTION=1 "${enter[@]}" "$php" -n "${run_tests:-$(run_tests_php)}" -p "$php" -n "-j$jobs" -q --show-diff -g FAIL,BORK,LEAK,WARN,SKIP \
		-d "extension=$so" "${flags[@]}" "$@" 2>&1 | tee "$log" | phpt_summary || status=$?
	tally_phpt "$log" "$label" "$status"
}

# The whole log is kept in a file: the terminal gets what failed and the sums.
phpt_summary() { sed -E '1,/^(Running selected tests|=+ *$)/d' | grep -Ev '^(=+|-+|PHP[_ ].*|ZEND_VERSION.*|INI actual.*|More .INIs.*|CWD  .*|Extra dirs.*|VALGRIND  .*|Running selected.*|Spawning.*|Exts .*|TEST [0-9].*) *$|^ *$' || true; }

# tally_phpt LOG LABEL STATUS
tally_phpt() {
	local log="$1" label="$2" status="$3" passed failed kind n file
	passed="$(phpt_number "$log" 'Tests passed')"
	failed=0
	for kind in failed warned leaked borked; do
		n="$(phpt_number "$log" "Tests $kind")"
		failed=$((failed + n))
	done
	# Valgrind 3.19 does not know pidfd_open and says so in the file that run-tests takes for a leak report.
	for file in $(sed -n 's/^\(.*[^&A-Z]\)\{0,1\}LEAK[^&A-Z].*\[\(.*\)\.phpt\] *$/\2.mem/p' "$log"); do
		if [ -s "$file" ] && ! grep -Evq '^--[0-9]+-- (WARNING: unhandled [^ ]+ syscall: 434|You may be able|Read the file README_M|Nevertheless|it at http)' "$file"; then
			say "no leak, only a system call that valgrind does not know: $file"
			passed=$((passed + 1)) failed=$((failed - 1))
			[ "$failed" -gt 0 ] || status=0
		fi
	done
	if [ $((passed + failed)) -eq 0 ]; then
		say "$label: no test was executed (log: $log)"
		failed=1
	elif [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
		say "$label: run-tests.php ended with $status (log: $log)"
		failed=1
	fi
	count "$passed" "$failed"
	say "$label: $passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

phpt_number() {
	local n
	n="$(sed -n "s/^$2 *: *\([0-9][0-9]*\).*/\1/p" "$1" | tail -n1)"
	echo "${n:-0}"
}

run_tests_php() {
	local candidate
	# Where phpize takes its own copy from: Debian's folder carries the API number.
	for candidate in \
		"$("$php_config" --prefix)/lib/php/build/run-tests.php" \
		"$("$php_config" --prefix)/lib/php/$("$php_config" --phpapi 2>/dev/null || true)/build/run-tests.php" \
		"$("$php_config" --extension-dir)/build/run-tests.php" \
		"$(sed -n "s|^phpdir=\"\$prefix\(.*\)\"|$("$php_config" --prefix)\1/run-tests.php|p" "$(command -v phpize)" 2>/dev/null || true)"; do
		if [ -f "$candidate" ]; then
			echo "$candidate"
			return 0
		fi
	done
	die "run-tests.php not found: is php-dev installed? (./dev setup)"
}
