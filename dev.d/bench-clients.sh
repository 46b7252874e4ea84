# shellcheck shell=bash
# The rows of `./dev bench` for the async clients: a plain script with one client (or a thousand that
# connect at once) against redis-server and nginx. The columns mean what they mean in bench.sh, for one
# operation of the client's process.

client_rows() {
	client_row "redis get" redis "$redis_port" 20000
	client_row "redis get, 16 at once" redis16 "$redis_port" 16000
	client_row "http get, kept" http "$backend_port" 20000
	client_row "1,000 connecting" connect "$redis_port" 5000
}

# client_row NAME MODE PORT COUNT
client_row() {
	local name="$1" mode="$2" port="$3" count="$4" cpu user system rate
	read -r cpu user system rate < <(client "$mode" "$port" "$count")
	# shellcheck disable=SC2046
	row "$name" "$(client_instructions "$mode" "$port")" "$cpu" "$user" "$system" "$rate" \
		$(client_calls "$mode" "$port")
}

# client MODE PORT COUNT [WRAPPER...]
client() {
	local words=("$1" "$2" "$3")
	shift 3
	"$@" "$php" -n -d "extension=$extension" "$root/benches/programs/client.php" "${words[@]}"
}

# Per operation, by the difference of two runs, as for the servers.
client_instructions() {
	local few=2000 many=14000 first last
	first="$(client_counted "$1" "$2" "$few")"
	last="$(client_counted "$1" "$2" "$many")"
	echo "$(((last - first) / (many - few)))"
}

client_counted() {
	local file="$work/callgrind.client.$1.$3"
	client "$1" "$2" "$3" valgrind --tool=callgrind --callgrind-out-file="$file" \
		--log-file="$work/valgrind.client" >/dev/null
	if [ -n "${TETHER_BENCH_KEEP:-}" ]; then cp "$file" "$TETHER_BENCH_KEEP"; fi
	sed -n 's/^\(summary\|totals\): //p' "$file" | tail -n1
}

# recv, send, wait, other system calls per operation.
client_calls() {
	local few=2000 many=4000
	if ! has strace; then
		echo "- - - -"
		return
	fi
	client "$1" "$2" "$few" strace -f -c -o "$work/strace.few" >/dev/null
	client "$1" "$2" "$many" strace -f -c -o "$work/strace.many" >/dev/null
	awk -v n="$((many - few))" '
		$1 ~ /^[0-9.]+$/ && $NF != "total" { calls[$NF] += (FNR == NR ? -1 : 1) * $4 }
		END {
			for (name in calls) all += calls[name]
			recv = calls["recvfrom"] + calls["read"] + calls["readv"] + calls["recvmsg"]
			send = calls["sendto"] + calls["write"] + calls["writev"] + calls["sendmsg"]
			wait = calls["epoll_wait"] + calls["epoll_pwait"]
			printf "%.2f %.2f %.2f %.2f\n", recv / n, send / n, wait / n, (all - recv - send - wait) / n
		}' "$work/strace.few" "$work/strace.many"
}
