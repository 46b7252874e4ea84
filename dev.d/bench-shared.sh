# shellcheck shell=bash
# The rows of `./dev bench` for what processes share and tell each other: tables, atomics, tasks and
# messages. Instructions of one operation, by the difference of two runs; for tables and atomics
# without those of the loop.

shared_rows() {
	local mode loop many
	say ""
	printf '%-22s %12s %12s\n' "" "instructions" "microseconds"
	loop="$(counted_difference table_counted loop 1000 21000)"
	for mode in int string row add; do
		many="$(counted_difference table_counted "$mode" 1000 21000)"
		printf '%-22s %12s %12s\n' "table/atomic $mode" "$((many - loop))" -
	done
	for mode in task taskwait message; do
		printf '%-22s %12s %12s\n' "exchange $mode" \
			"$(counted_difference exchange_counted "$mode" 500 4500)" "$(exchange "$mode" 20000)"
	done
}

# counted_difference COUNTED MODE FEW MANY
counted_difference() {
	local first last
	first="$("$1" "$2" "$3")"
	last="$("$1" "$2" "$4")"
	echo "$(((last - first) / ($4 - $3)))"
}

# table_counted MODE COUNT
table_counted() {
	local file="$work/callgrind.table.$1.$2"
	valgrind --tool=callgrind --callgrind-out-file="$file" --log-file="$work/valgrind.table" \
		"$php" -n -d "extension=$extension" "$root/benches/programs/table.php" "$1" "$2" >/dev/null
	instructions_in "$file"
}

# exchange_counted MODE COUNT: of the worker that asks.
exchange_counted() {
	exchange "$1" "$2" valgrind --tool=callgrind --callgrind-out-file="$work/callgrind.%p" \
		--log-file="$work/valgrind.%p" >/dev/null
	cp "$work/callgrind.$(cat "$work/exchange.pid")" "$work/callgrind.exchange.$1.$2"
	instructions_in "$work/callgrind.exchange.$1.$2"
}

# exchange MODE COUNT [WRAPPER...]
exchange() {
	local words=("$1" "$2")
	shift 2
	"$@" "$php" -n -d "extension=$extension" "$root/benches/programs/exchange.php" "${words[@]}" "$work/exchange.pid"
}

instructions_in() {
	if [ -n "${TETHER_BENCH_KEEP:-}" ]; then cp "$1" "$TETHER_BENCH_KEEP"; fi
	sed -n 's/^\(summary\|totals\): //p' "$1" | tail -n1
}
