# shellcheck shell=bash
# The measurements of `./dev bench`, as one table. Everything runs on the loopback, on free ports.
#
# instructions: user instructions per request of the worker by callgrind: one connection, the
#     difference of two runs of the same client with a different number of requests.
# CPU: time per request that the worker spent, user and system, while wrk was running.
# system calls: of the worker per request, by strace, one connection.

work="$(mktemp -d)"
started=()
php="$(php_binary)"
seconds="${TETHER_BENCH_SECONDS:-3}"

finish() {
	local pid
	for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT

# shellcheck source=dev.d/bench-clients.sh
source "$root/dev.d/bench-clients.sh"
# shellcheck source=dev.d/bench-shared.sh
source "$root/dev.d/bench-shared.sh"

bench_main() {
	has wrk && has valgrind && has nginx && has redis-server || die "run ./dev setup first"
	build_tools
	start_peers
	say ""
	row "" "instructions" "CPU us" "user" "system" "requests/s" "recv" "send" "wait" "other"
	http_rows hello / "" tether-hello nginx limit
	http_rows reading '/articles/%?id=%' "$root/benches/unique.lua" tether-reading
	http_rows pipeline16 / "$root/benches/pipeline.lua" tether-hello nginx limit
	echo_row
	process_rows
	crowd_rows
	http_rows chain / "" tether-chain
	client_rows
	shared_rows
	say ""
	idle_connections
	load_time
}

row() { printf '%-22s %12s %8s %6s %7s %11s %6s %6s %6s %6s\n' "$@"; }

build_tools() {
	cargo build -q --profile bench --no-default-features --benches --target-dir "$target/bench"
	load="$(newest_tool load)"
	limit="$(newest_tool limit)"
}

newest_tool() {
	local file newest=""
	for file in "$target/bench/release/deps/$1-"*; do
		case "$file" in *.d) continue ;; esac
		if [ -z "$newest" ] || [ "$file" -nt "$newest" ]; then newest="$file"; fi
	done
	[ -n "$newest" ] || die "cargo built no benches/$1.rs"
	echo "$newest"
}

free_port() {
	"$php" -n -r '$s = stream_socket_server("tcp://127.0.0.1:0"); echo explode(":", stream_socket_get_name($s, false))[1];'
}

wait_for_port() {
	local try
	for try in $(seq 300); do
		if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
		sleep 0.1
	done
	die "nobody listens on port $1 after $((try / 10)) s"
}

# The peers of the chain, which stay for the whole run: an nginx and a Redis.
start_peers() {
	backend_port="$(free_port)"
	nginx_conf "$backend_port" backend
	nginx -c "$work/backend.conf" -p "$work" -e "$work/backend.log" &
	started+=($!)
	redis_port="$(free_port)"
	redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --appendonly no --tcp-backlog 4096 --dir "$work" >/dev/null &
	started+=($!)
	wait_for_port "$backend_port"
	wait_for_port "$redis_port"
	(
		exec 3<>"/dev/tcp/127.0.0.1/$redis_port"
		printf 'SET key value\r\n' >&3
		head -c 5 <&3 >/dev/null
	)
}

nginx_conf() {
	mkdir -p "$work/temp"
	cat >"$work/$2.conf" <<CONF
daemon off;
master_process off;
worker_processes 1;
pid $work/$2.pid;
events { worker_connections 1024; }
http {
	access_log off;
	keepalive_requests 1000000000;
	client_body_temp_path $work/temp;
	proxy_temp_path $work/temp;
	fastcgi_temp_path $work/temp;
	uwsgi_temp_path $work/temp;
	scgi_temp_path $work/temp;
	default_type text/html;
	server {
		listen 127.0.0.1:$1;
		location / { return 200 "Hello World\n"; }
	}
}
CONF
}

# serve SUBJECT [WRAPPER...]: starts it; sets port, top (what is ended) and worker (what is measured).
serve() {
	local subject="$1"
	shift
	port="$(free_port)"
	rm -f "$work/$subject.pid"
	case "$subject" in
	nginx)
		nginx_conf "$port" nginx
		"$@" nginx -c "$work/nginx.conf" -p "$work" -e "$work/nginx.log" >/dev/null 2>&1 &
		;;
	limit) "$@" "$limit" "$port" >/dev/null 2>&1 & ;;
	tether-*)
		local program="${subject#tether-}" mode=SWOOLE_BASE
		if [[ "$program" = *-process ]]; then mode=SWOOLE_PROCESS; fi
		TETHER_BENCH_MODE="$mode" "$@" "$php" -n -d "extension=$extension" \
			"$root/benches/programs/${program%-process}.php" "$port" "$work/$subject.pid" "$backend_port" "$redis_port" >"$work/$subject.log" 2>&1 &
		;;
	esac
	top=$!
	wait_for_port "$port"
	worker="$top"
	if [[ "$subject" = tether-* ]]; then
		until [ -s "$work/$subject.pid" ]; do sleep 0.1; done
		worker="$(cat "$work/$subject.pid")"
	fi
	started+=("$top")
}

stop() {
	kill -TERM "$1"
	wait "$1" 2>/dev/null || true
	started=("${started[@]/$1/}")
}

# instructions SUBJECT COUNT MODE [PATH]: of the whole life of the worker.
counted_run() {
	local subject="$1" count="$2" mode="$3"
	serve "$subject" valgrind --tool=callgrind --callgrind-out-file="$work/callgrind.%p" \
		--log-file="$work/valgrind.%p"
	"$load" "$mode" "$port" "$count" "${4:-}"
	stop "$top"
	cp "$work/callgrind.$worker" "${TETHER_BENCH_KEEP:-$work}/callgrind.$subject.$mode.$count"
	sed -n 's/^\(summary\|totals\): //p' "$work/callgrind.$worker" | tail -n1
}

# instructions SUBJECT MODE PATH REQUESTS: per request. Starting differs by a million from run to run,
# so the difference needs many requests.
instructions() {
	local few=200 many=$((200 + 12000 / $4)) first last
	first="$(counted_run "$1" "$few" "$2" "$3")"
	last="$(counted_run "$1" "$many" "$2" "$3")"
	echo "$(((last - first) / (many - few) / $4))"
}

# calls SUBJECT MODE PATH REQUESTS: recv, send, wait, other system calls per request.
calls() {
	local count=1000 tracer
	if ! has strace; then
		echo "- - - -"
		return
	fi
	serve "$1"
	"$load" "$2" "$port" 20 "$3"
	strace -q -f -c -p "$worker" -o "$work/strace" 2>/dev/null &
	tracer=$!
	until grep -q "TracerPid:[[:space:]]*$tracer" "/proc/$worker/status"; do sleep 0.05; done
	"$load" "$2" "$port" "$count" "$3"
	kill -INT "$tracer"
	wait "$tracer" 2>/dev/null || true
	stop "$top"
	awk -v n="$((count * $4))" '
		$1 ~ /^[0-9.]+$/ && $NF != "total" { calls[$NF] = $4; all += $4 }
		END {
			recv = calls["recvfrom"] + calls["read"] + calls["readv"] + calls["recvmsg"]
			send = calls["sendto"] + calls["write"] + calls["writev"] + calls["sendmsg"]
			wait = calls["epoll_wait"] + calls["epoll_pwait"]
			printf "%.2f %.2f %.2f %.2f\n", recv / n, send / n, wait / n, (all - recv - send - wait) / n
		}' "$work/strace"
}

# The CPU time so far of the worker, and of the master whose threads work for it: nanoseconds, then
# user and system in clock ticks.
cpu() {
	local pid pids="$worker"
	if [[ "${1:-}" = *-process ]]; then pids="$worker $top"; fi
	for pid in $pids; do
		cat "/proc/$pid"/task/*/schedstat | awk '{ sum += $1 } END { printf "%d ", sum }'
		sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f12,13
	done | awk '{ n += $1; u += $2; s += $3 } END { print n, u, s }'
}

# per_request BEFORE AFTER REQUESTS: microseconds: all, user, system.
per_request() {
	# shellcheck disable=SC2086
	set -- $1 $2 $3
	awk -v ns="$(($4 - $1))" -v u="$(($5 - $2))" -v s="$(($6 - $3))" -v n="$7" 'BEGIN {
		ticks = u + s
		if (ticks == 0) ticks = 1
		all = ns / n / 1000
		printf "%.2f %.2f %.2f\n", all, all * u / ticks, all * s / ticks
	}'
}

# http_rows NAME PATH SCRIPT SUBJECT...
http_rows() {
	local name="$1" path="$2" script="$3" subject batch=1 mode=requests before after answers rate
	shift 3
	if [ "$name" = pipeline16 ]; then
		batch=16
		mode=pipeline
	fi
	for subject in "$@"; do
		serve "$subject"
		before="$(cpu)"
		wrk -t1 -c64 "-d${seconds}s" ${script:+-s "$script"} "http://127.0.0.1:$port/" >"$work/wrk"
		after="$(cpu)"
		stop "$top"
		answers="$(awk '/requests in/ { print $1 }' "$work/wrk")"
		rate="$(awk '/Requests\/sec/ { print int($2) }' "$work/wrk")"
		if grep -q 'Non-2xx\|Socket errors' "$work/wrk"; then
			say "  $subject: $(grep 'Non-2xx\|Socket errors' "$work/wrk")"
		fi
		# shellcheck disable=SC2046
		row "$name ${subject%%-*}" "$(instructions "$subject" "$mode" "$path" "$batch")" \
			$(per_request "$before" "$after" "$answers") "$rate" \
			$(calls "$subject" "$mode" "$path" "$batch")
	done
}

echo_row() {
	local before after echoes
	serve tether-echo
	before="$(cpu)"
	echoes="$("$load" echoes "$port" 64 "$seconds")"
	after="$(cpu)"
	stop "$top"
	# shellcheck disable=SC2046
	row "echo tether" "$(instructions tether-echo echo "" 1)" \
		$(per_request "$before" "$after" "$echoes") "$((echoes / seconds))" $(calls tether-echo echo "" 1)
}

# With I/O threads: the CPU is the master's and the worker's together.
process_rows() {
	local before after answers
	serve tether-hello-process
	before="$(cpu tether-hello-process)"
	wrk -t1 -c64 "-d${seconds}s" "http://127.0.0.1:$port/" >"$work/wrk"
	after="$(cpu tether-hello-process)"
	stop "$top"
	answers="$(awk '/requests in/ { print $1 }' "$work/wrk")"
	# shellcheck disable=SC2046
	row "hello PROCESS" - $(per_request "$before" "$after" "$answers") "$((answers / seconds))" - - - -
	serve tether-echo-process
	before="$(cpu tether-echo-process)"
	answers="$("$load" echoes "$port" 64 "$seconds")"
	after="$(cpu tether-echo-process)"
	stop "$top"
	# shellcheck disable=SC2046
	row "echo PROCESS" - $(per_request "$before" "$after" "$answers") "$((answers / seconds))" - - - -
}

# An echo on 64 connections beside 15,000 that stand: the rows "+15000".
crowd_rows() {
	local subject name before after echoes holder count=15000 most
	most=$(($(ulimit -n) - 200))
	[ "$most" -ge "$count" ] || count="$most"
	for subject in tether-echo tether-echo-process; do
		name="echo"
		if [[ "$subject" = *-process ]]; then name="echo PROCESS"; fi
		serve "$subject"
		rm -f "$work/go" "$work/crowd"
		mkfifo "$work/go"
		"$load" crowd "$port" 64 "$seconds" "$count" <"$work/go" >"$work/crowd" &
		holder=$!
		exec 4>"$work/go"
		wait_for_lines 1 "$holder"
		before="$(cpu "$subject")"
		echo >&4
		wait_for_lines 2 "$holder"
		after="$(cpu "$subject")"
		echo >&4
		exec 4>&-
		wait "$holder"
		stop "$top"
		echoes="$(tail -n1 "$work/crowd")"
		# shellcheck disable=SC2046
		row "$name +$count" - $(per_request "$before" "$after" "$echoes") "$((echoes / seconds))" - - - -
	done
}

# Until the crowd's load has printed so many lines.
wait_for_lines() {
	until [ "$(wc -l <"$work/crowd")" -ge "$1" ]; do
		kill -0 "$2" 2>/dev/null || die "the connections could not be opened"
		sleep 0.1
	done
}

resident() { awk '/^Rss(Anon|Shmem)/ { sum += $2 } END { print sum * 1024 }' "/proc/$worker/status"; }
php_memory() { curl -s "http://127.0.0.1:$port/"; }

# Memory of the worker per connection that has had one exchange and stands.
idle_connections() {
	local count=10000 opened holder anonymous zend
	ulimit -n 20480 2>/dev/null || count=$((($(ulimit -n) - 100) / 2))
	serve tether-memory
	"$load" requests "$port" 100 /
	zend="$(php_memory)"
	anonymous="$(resident)"
	mkfifo "$work/hold"
	"$load" idle "$port" "$count" <"$work/hold" >"$work/opened" &
	holder=$!
	exec 4>"$work/hold"
	until [ -s "$work/opened" ] || ! kill -0 "$holder" 2>/dev/null; do sleep 0.1; done
	opened="$(cat "$work/opened")"
	[ -n "$opened" ] || die "the idle connections could not be opened"
	anonymous=$(($(resident) - anonymous))
	zend=$(($(php_memory) - zend))
	say "idle connection: $((anonymous / opened)) bytes of the worker's memory in all, $((zend / opened)) of them PHP's ($opened connections)"
	exec 4>&-
	wait "$holder"
	stop "$top"
}

load_time() {
	local without with
	read -r without with < <("$php" -n "$root/benches/load-time.php" "$php" "$extension" 50)
	say "loading the extension: php -n takes $without ms, with it $with ms (medians of 50 runs)"
}

bench_main
