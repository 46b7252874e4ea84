# shellcheck shell=bash
# Runs examples/seed-nested-chain.php with all that it needs, and shows what its memory does.

demo_folder="$(mktemp -d)"
demo_pids=()

demo_end() {
	local pid
	trap - EXIT INT TERM
	for pid in "${demo_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	for pid in "${demo_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
	rm -rf "$demo_folder"
}
trap demo_end EXIT
trap 'demo_end; exit 130' INT
trap 'demo_end; exit 143' TERM

# demo_start NAME COMMAND...: in the background, its output in a file of that name.
demo_start() {
	local name="$1"
	shift
	"$@" >"$demo_folder/$name" 2>&1 </dev/null &
	demo_pids+=($!)
}

# demo_port NAME: the port that the program says it listens on.
demo_port() {
	local port i
	for ((i = 0; i < 200; i++)); do
		port="$(sed -n 's|^listening on http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$demo_folder/$1" | head -n1)"
		if [ -n "$port" ]; then
			echo "$port"
			return 0
		fi
		sleep 0.05
	done
	cat "$demo_folder/$1" >&2
	die "$1 does not start"
}

demo_redis() {
	local i
	redis_port="$("$php" -n -r '$s = stream_socket_server("tcp://127.0.0.1:0"); echo substr(strrchr(stream_socket_get_name($s, false), ":"), 1);')"
	demo_start redis redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --dir "$demo_folder"
	for ((i = 0; i < 200; i++)); do
		if [ "$(redis-cli -p "$redis_port" ping 2>/dev/null || true)" = PONG ]; then
			redis-cli -p "$redis_port" set test_key "hello from Redis" >/dev/null
			return 0
		fi
		sleep 0.05
	done
	cat "$demo_folder/redis" >&2
	die "redis-server does not start"
}

demo_show() { sed 's/^/    /'; }
demo_get() { curl -sS -m 10 "http://127.0.0.1:$chain_port$1"; }

# Memory in bytes as PHP counts it, and descriptors, of the one worker.
demo_memory() {
	local descriptors worker
	worker="$(<"/proc/$chain/task/$chain/children")"
	descriptors=("/proc/${worker%% *}/fd/"*)
	printf '%s bytes of PHP memory, %s descriptors\n' "$(demo_get /memory)" "${#descriptors[@]}"
}

# until_held NUMBER: waits until so many clients are held.
until_held() {
	local i
	for ((i = 0; i < 100; i++)); do
		[ "$(demo_get /ledger | grep -c ' client ' || true)" != "$1" ] || return 0
		sleep 0.05
	done
}

php="$(php_binary)"
with_tether=("$php" -n -d "extension=$extension")
demo_redis
demo_start backend env PORT=0 "${with_tether[@]}" examples/dump-server.php
backend_port="$(demo_port backend)"
demo_start chain env PORT=0 BACKEND="127.0.0.1:$backend_port" REDIS="127.0.0.1:$redis_port" \
	"${with_tether[@]}" examples/seed-nested-chain.php
chain="${demo_pids[-1]}"
chain_port="$(demo_port chain)"

say
say "examples/seed-nested-chain.php runs at http://127.0.0.1:$chain_port/"
say "Each request POSTs to an HTTP server (port $backend_port), then asks Redis (port $redis_port)."
say
say "Three requests and their answers:"
for _ in 1 2 3; do demo_get / | demo_show; done

say
say "The ledger names what the engine holds. Before a request, the server only:"
demo_get /ledger | demo_show

say
say "While a request waits for a slow backend, its HTTP client too:"
demo_get '/?wait=1' >"$demo_folder/slow" &
slow=$!
demo_pids+=("$slow")
until_held 1
demo_get /ledger | demo_show
wait "$slow"
say "Its answer:"
demo_show <"$demo_folder/slow"

say
say "While one waits for a slow Redis, the whole chain, each client under the one in whose callback it was made:"
redis-cli -p "$redis_port" client pause 1000 all >/dev/null
demo_get / >"$demo_folder/slow" &
slow=$!
demo_pids+=("$slow")
until_held 2
demo_get /ledger | demo_show
wait "$slow"
say "Its answer:"
demo_show <"$demo_folder/slow"

say
say "After it:"
demo_get /ledger | demo_show

say
say "Memory before and after 1,000 such chains:"
demo_get '/?[1-100]' >/dev/null
demo_memory | demo_show
started="$(date +%s%N)"
demo_get '/?[1-1000]' | sort | uniq -c | demo_show
took="$((($(date +%s%N) - started) / 1000000))"
demo_memory | demo_show
say "(one after another, in $took ms)"

say
say "How to go on:"
say "    php -d extension=$extension examples/seed-locals.php"
say "    README.md          a first program, and what is kept in memory for how long"
say "    examples/          this program and others"
say "    ./dev test         the proof"
demo_end
