<?php

namespace Swoole;

/**
 * A prefork server for TCP, UDP and unix sockets. The process that calls `start()` becomes the master: it keeps the
 * listening sockets and replaces workers that end. Each of worker_num workers is a process with a loop.
 */
class Server
{
    /** @var array<string, mixed>|null The options, completed by `start()`. */
    public $setting = null;
    /** @var string As given. */
    public $host = '';
    /** @var int As given; 0 becomes the port that the kernel chose. */
    public $port = 0;
    /** @var int The socket type, as given. */
    public $type = 0;
    /** @var int As given: SWOOLE_BASE or SWOOLE_PROCESS. */
    public $mode = 0;
    /** @var int Set by `start()`. */
    public $master_pid = 0;
    /** @var int With SWOOLE_BASE the same as `$master_pid`; with SWOOLE_PROCESS the master's child. */
    public $manager_pid = 0;
    /** @var int In a worker: 0 to worker_num - 1, then the task workers; kept by its replacement. */
    public $worker_id = -1;
    /** @var int In a worker: its process id. */
    public $worker_pid = 0;
    /** @var bool Whether this is a task worker. */
    public $taskworker = false;
    /** @var Connection\Iterator|null The session ids of all workers' connections. */
    public $connections = null;
    /** @var list<Server\Port>|null All ports; the first one is this server's own. */
    public $ports = null;

    /**
     * Binds the address; it listens from `start()` on.
     *
     * @param string $host An IPv4 or IPv6 address, or the path of a unix socket; "SYSTEMD": the sockets that
     *     the service manager has opened (LISTEN_FDS), each a port.
     * @param int $port 0: the kernel chooses, see `$port`.
     * @param int $mode `SWOOLE_BASE`: workers accept and own connections. `SWOOLE_PROCESS`: threads of the master
     *     do, and connections outlive their workers.
     * @param int $sock_type SWOOLE_SOCK_TCP, SWOOLE_SOCK_TCP6, SWOOLE_SOCK_UDP, SWOOLE_SOCK_UDP6,
     *     SWOOLE_SOCK_UNIX_STREAM or SWOOLE_SOCK_UNIX_DGRAM.
     * @throws \Swoole\Exception when it cannot be bound; the code is the errno.
     * @throws \ValueError for other modes and types, and for a bad port.
     */
    public function __construct(string $host, int $port = 0, int $mode = SWOOLE_BASE, int $sock_type = SWOOLE_SOCK_TCP)
    {
    }

    /**
     * Merges options into those set before, ahead of `start()`.
     *
     * An unknown option warns and names the nearest known one; so does one that is not implemented yet.
     *
     * @param array{
     *     worker_num?: int,
     *     task_worker_num?: int,
     *     task_max_request?: int,
     *     task_ipc_mode?: int,
     *     max_request?: int,
     *     max_request_grace?: int,
     *     reactor_num?: int,
     *     dispatch_mode?: int,
     *     dispatch_func?: callable(Swoole\Server, int, int, string): int,
     *     enable_unsafe_event?: bool,
     *     discard_timeout_request?: bool,
     *     max_memory?: int|string,
     *     max_memory_check_interval?: int,
     *     max_wait_time?: float,
     *     max_conn?: int,
     *     max_connection?: int,
     *     backlog?: int,
     *     open_tcp_nodelay?: bool,
     *     open_tcp_keepalive?: bool,
     *     tcp_keepidle?: int,
     *     tcp_keepinterval?: int,
     *     tcp_keepcount?: int,
     *     tcp_defer_accept?: int,
     *     socket_buffer_size?: int,
     *     buffer_output_size?: int,
     *     package_max_length?: int,
     *     open_eof_check?: bool,
     *     open_eof_split?: bool,
     *     package_eof?: string,
     *     open_length_check?: bool,
     *     package_length_type?: string,
     *     package_length_offset?: int,
     *     package_body_offset?: int,
     *     package_body_start?: int,
     *     package_length_func?: callable(string): int,
     *     open_http_protocol?: bool,
     *     open_mqtt_protocol?: bool,
     *     open_redis_protocol?: bool,
     *     tcp_fastopen?: bool,
     *     buffer_high_watermark?: int,
     *     buffer_low_watermark?: int,
     *     buffer_total_size?: int,
     *     heartbeat_check_interval?: int,
     *     heartbeat_idle_time?: int,
     *     header_timeout?: float,
     *     body_timeout?: float,
     *     write_timeout?: float,
     *     enable_delay_receive?: bool,
     *     kernel_socket_recv_buffer_size?: int,
     *     kernel_socket_send_buffer_size?: int,
     *     http_parse_post?: bool,
     *     log_file?: string,
     *     log_level?: int,
     *     log_format?: string,
     *     pid_file?: string,
     *     daemonize?: bool,
     *     user?: string,
     *     group?: string,
     *     chroot?: string,
     *     open_cpu_affinity?: bool,
     *     cpu_affinity_ignore?: list<int>,
     *     reload_async?: bool,
     *     request_slowlog_file?: string,
     *     request_slowlog_timeout?: float,
     *     trace_event_worker?: bool,
     * } $settings worker_num: the CPU count; task_worker_num 0, each replaced after task_max_request tasks
     *     (0 = never); task_ipc_mode 1 is the only one; max_request 0: requests after which a worker is replaced
     *     (0 = never), plus a random 0 to max_request_grace; max_memory: a worker whose PHP heap
     *     (`memory_get_usage(true)`) is larger is replaced, bytes or "64M", with "rss:" before it the resident
     *     memory counts; max_memory_check_interval 1000 ms; max_wait_time 30 s: what a worker that stops may
     *     take to finish; max_conn: connections of all workers,
     *     those above are closed at once; backlog 512; socket_buffer_size
     *     8 MiB: may wait to be sent on one connection; buffer_high_watermark 0.8 of it, buffer_low_watermark 0: bufferFull,
     *     bufferEmpty; buffer_total_size 256 MiB: may wait in one worker; buffer_output_size 2 MiB: one `send()`
     *     or `end()`; heartbeat_check_interval 0 s: between looks for silent connections, heartbeat_idle_time
     *     twice that: the silence that ends one; header_timeout, body_timeout, write_timeout 60 s: HTTP peers
     *     that do not finish a head, send no more of a body, take no more of an answer;
     *     package_max_length 2 MiB: the longest request or packet; package_eof "\r\n\r\n" (1 to 8
     *     bytes); package_length_type "N"; package_body_offset 4: where the length begins to count;
     *     package_length_func: the length of the whole packet, 0: more is needed, negative: close; log_level 2: 0 debug to 5 error.
     *     SWOOLE_PROCESS: reactor_num I/O threads (the CPU count, at most 8 and worker_num); dispatch_mode 2: who
     *     gets what, 1 in turn, 2 by $fd, 3 and 7 the idlest, 4 by address, 5 by `bind()`; dispatch_func decides
     *     itself; with 1, 3 and 7 connect and close run with enable_unsafe_event only, and
     *     discard_timeout_request drops what a closed connection has sent.
     *     open_cpu_affinity: one CPU for each event worker and I/O thread, none of cpu_affinity_ignore;
     *     reload_async: an event worker that is to end runs workerStop at once and ends when nothing is pending,
     *     timers included; request_slowlog_file: what takes longer than request_slowlog_timeout (1 s) in
     *     onTask and, with trace_event_worker, in onRequest, onReceive and onPacket, and where its code is.
     * @return bool `false` with a warning: started already.
     */
    public function set(array $settings): bool
    {
    }

    /**
     * Registers an event callback ahead of `start()`; the last one registered counts.
     *
     * In the master:
     * - `start`, `managerStart`, `managerStop`, `shutdown`: `callable(Swoole\Server $server): void`
     * - `workerError`: `callable(Swoole\Server $server, int $worker_id, int $pid, int $exit_code, int $signal): void`
     *
     * In a worker:
     * - `workerStart`, `workerStop`, `workerExit`: `callable(Swoole\Server $server, int $worker_id): void`;
     *   workerExit runs in every turn of the loop of a worker that waits for its end, and with
     *   reload_async workerStop has run when that begins
     * - `connect`, `close`: `callable(Swoole\Server $server, int $fd, int $reactor_id): void`; in close
     *   a $reactor_id of -1 says that the server closed it
     * - `receive`: `callable(Swoole\Server $server, int $fd, int $reactor_id, string $data): void`
     * - `bufferFull`, `bufferEmpty`: `callable(Swoole\Server $server, int $fd): void`
     * - `packet`: `callable(Swoole\Server $server, string $data, array{server_socket: int, server_port: int, address: string, port: int} $addr): void`
     * - `request` (HTTP ports): `callable(Swoole\Http\Request $request, Swoole\Http\Response $response): void`
     *
     * In event workers and task workers:
     * - `pipeMessage`: `callable(Swoole\Server $server, int $src_worker_id, mixed $message): void`
     * - `task`: `callable(Swoole\Server $server, int $task_id, int $src_worker_id, mixed $data): mixed`, in a
     *   task worker; what is not null answers the task
     * - `finish`: `callable(Swoole\Server $server, int $task_id, mixed $data): void`, in the event worker that
     *   asked; $data is false when the task worker died with the task
     *
     * An exception out of a callback is reported (or given to `set_exception_handler()`), and the worker
     * goes on; out of workerStart it ends the worker.
     *
     * @param string $event_name The name in any case.
     * @param callable $callback
     * @return bool `false` with a warning: unknown or not implemented yet, or started already.
     */
    public function on(string $event_name, callable $callback): bool
    {
    }

    /**
     * Binds another address ahead of `start()`, with options and callbacks of its own if they are given.
     *
     * @param string $host As for the constructor.
     * @param int $port 0: the kernel chooses, see the port's `$port`.
     * @param int $sock_type As for the constructor.
     * @return Server\Port|false `false` with a warning: it cannot be bound, or started already.
     * @throws \ValueError for other types, and for a bad port.
     */
    public function listen(string $host, int $port, int $sock_type): Server\Port|false
    {
    }

    /**
     * Another name of `listen()`.
     *
     * @param string $host As for the constructor.
     * @param int $port 0: the kernel chooses, see the port's `$port`.
     * @param int $sock_type As for the constructor.
     * @return Server\Port|false
     */
    public function addListener(string $host, int $port, int $sock_type): Server\Port|false
    {
    }

    /**
     * Forks the workers and runs until `shutdown()`, SIGTERM or Ctrl-C. Returns in the master only.
     *
     * @return bool `false` with a warning: started before, or another server runs here.
     * @throws \Swoole\Exception when a port lacks its callback (`receive`, `request` or `packet`), or the system refuses.
     */
    public function start(): bool
    {
    }

    /**
     * Has the server run a process of the user's, ahead of `start()`: it is replaced when it ends, and gets
     * SIGTERM at shutdown, after the workers.
     *
     * @param Process $process Not started.
     * @return int|false Its number, from 0. `false` with a warning: added before, or started already.
     */
    public function addProcess(Process $process): int|false
    {
    }

    /**
     * Ends the server: workers finish what they have begun. From any of its processes.
     *
     * @return bool `false` with a warning: not running.
     */
    public function shutdown(): bool
    {
    }

    /**
     * Replaces all workers, one after another, each new one before the old one ends. As SIGUSR1 to the master.
     *
     * @param bool $only_reload_taskworker Task workers alone, as SIGUSR2 does.
     * @return bool `false` with a warning: not running, or there are no task workers.
     */
    public function reload(bool $only_reload_taskworker = false): bool
    {
    }

    /**
     * Has a task worker run onTask. Its answer goes to the callback, else to onFinish; one that dies with
     * the task answers `false`. From event workers and task workers; onFinish runs in event workers only.
     *
     * @param mixed $data A string as it is, anything else serialised; of any size.
     * @param int $task_worker_id From 0; -1: an idle one, else the one with the shortest queue.
     * @param callable|null $finish_callback `callable(Swoole\Server $server, int $task_id, mixed $data): void`
     * @return int|false The number of the task, from 0 on in each process. `false`, see `getLastError()`:
     *     11 the queue is full; with a warning: no task workers, not running.
     */
    public function task(mixed $data, int $task_worker_id = -1, ?callable $finish_callback = null): int|false
    {
    }

    /**
     * Has a task worker run onTask and waits for its answer; nothing else runs in this worker meanwhile.
     *
     * @param mixed $data As for `task()`.
     * @param float $timeout Seconds; negative: no limit.
     * @param int $task_worker_id As for `task()`.
     * @return mixed `false`: no answer, the task worker died with it, the queue is full; with a warning: not
     *     in time (`getLastError()` is 110), not an event worker.
     */
    public function taskwait(mixed $data, float $timeout = 0.5, int $task_worker_id = -1): mixed
    {
    }

    /**
     * The same for less than 1024 tasks at once.
     *
     * @param array<mixed> $tasks
     * @param float $timeout Seconds for all of them; negative: no limit.
     * @return array<int, mixed>|false Answers by the tasks' places, in the order in which they came; those
     *     that did not come are absent. `false`, 2002: none was taken.
     */
    public function taskWaitMulti(array $tasks, float $timeout = 0.5): array|false
    {
    }

    /**
     * Answers the task that this task worker is at, also after onTask has returned: from a timer or a client
     * that it has started. The next task begins when it is answered.
     *
     * @param mixed $data As for `task()`.
     * @return bool `false` with a warning: no task worker, no task, answered before.
     */
    public function finish(mixed $data): bool
    {
    }

    /**
     * Sends a value to another event worker or task worker, whose `pipeMessage` callback gets it.
     *
     * @param mixed $message As the data of `task()`.
     * @param int $dst_worker_id 0 to worker_num + task_worker_num - 1.
     * @return bool `false`, see `getLastError()`: 11 the queue is full; with a warning: no such worker, this
     *     one, no `pipeMessage` callback, not running.
     */
    public function sendMessage(mixed $message, int $dst_worker_id): bool
    {
    }

    /**
     * Ends a worker, which the master replaces.
     *
     * @param int $worker_id -1: this one.
     * @param bool $wait_reactor This one: finish what has begun, instead of ending after this callback.
     * @return bool `false`: no such worker; with a warning: not running.
     */
    public function stop(int $worker_id = -1, bool $wait_reactor = false): bool
    {
    }

    /**
     * Sends to a connection, of another worker too, from event and task workers. Success means queued, or on its
     * way to the worker that has it.
     *
     * @param int|string $fd The session id; or who sent a datagram, as onReceive told it (`$fd` and
     *     `$reactor_id`, IPv4) or as the path of a unix socket.
     * @param string $data Not empty; at most buffer_output_size bytes.
     * @param int $server_socket For a datagram: the `$reactor_id` of onReceive, or `server_socket` of onPacket.
     * @return bool `false`, see `getLastError()`: 1003 closing, 1005 no such session, 1008 socket_buffer_size
     *     or buffer_total_size is reached; 1202 too large, with a warning.
     */
    public function send(string|int $fd, string $data, int $server_socket = -1): bool
    {
    }

    /**
     * Sends a datagram from a port of the server, in any of its processes. Success means that the system took it.
     *
     * @param string $ip An IPv4 or IPv6 address, or the path of a unix socket.
     * @param int $port Of the receiver.
     * @param string $data Not empty.
     * @param int $server_socket From which port, as `server_socket` of onPacket tells; -1: the first that fits.
     * @return bool `false`: the system refuses, see `getLastError()`; with a warning: no port fits, bad address.
     */
    public function sendto(string $ip, int $port, string $data, int $server_socket = -1): bool
    {
    }

    /**
     * Closes a connection; what is queued is sent. The `close` callback runs inside this call; for a connection of
     * another worker it runs there, later.
     *
     * @param int $fd The session id.
     * @param bool $reset Drop what is queued.
     * @return bool `false`, see `getLastError()`: 1003 closing already, 1005 no such session.
     */
    public function close(int $fd, bool $reset = false): bool
    {
    }

    /**
     * Sends a part of a file to a connection, of another worker too, behind what was sent before, without
     * reading it into memory.
     *
     * @param int $fd The session id.
     * @param string $filename A regular file that is not empty.
     * @param int $offset Where the part begins.
     * @param int $length 0: to the end.
     * @return bool `false`, see `getLastError()`: 1003, 1005; with a warning: no such part.
     */
    public function sendfile(int $fd, string $filename, int $offset = 0, int $length = 0): bool
    {
    }

    /**
     * Sends to a connection of this worker, in SWOOLE_BASE, and waits until the system has taken all of it. A peer that takes
     * nothing for a minute is closed.
     *
     * @param int $fd The session id.
     * @param string $data Not empty.
     * @return bool `false`, see `getLastError()`: 1003, 1005; with a warning: SWOOLE_PROCESS, or no event worker.
     */
    public function sendwait(int $fd, string $data): bool
    {
    }

    /**
     * Reads nothing from a connection until `resume()`; its end is not noticed meanwhile. In SWOOLE_BASE.
     *
     * @param int $fd The session id.
     */
    public function pause(int $fd): bool
    {
    }

    /**
     * Reads again. In SWOOLE_BASE.
     *
     * @param int $fd The session id.
     */
    public function resume(int $fd): bool
    {
    }

    /**
     * Begins to read from a connection (option enable_delay_receive). In SWOOLE_BASE.
     *
     * @param int $fd The session id.
     * @return bool `false`: it did not wait for this; with a warning: the option is off.
     */
    public function confirm(int $fd): bool
    {
    }

    /**
     * Keeps heartbeats away from a connection. From any process.
     *
     * @param int $fd The session id.
     * @param bool $is_protected `false`: no longer.
     * @return bool `false`: no such session.
     */
    public function protect(int $fd, bool $is_protected = true): bool
    {
    }

    /**
     * Gives a connection the number of a user, once: `uid` of `getClientInfo()`. From any process.
     *
     * @param int $fd The session id.
     * @param int $uid 1 to 4294967295.
     * @return bool `false`: no such session; with a warning: bound already, or no such number.
     */
    public function bind(int $fd, int $uid): bool
    {
    }

    /**
     * The connections of all workers from which nothing came for heartbeat_idle_time, protected ones left out.
     *
     * @param bool $close Close them; not in the master.
     * @return list<int>|false `false`: no heartbeat_idle_time; with a warning: not running, or not here.
     */
    public function heartbeat(bool $close = false): array|false
    {
    }

    /**
     * Whether the connection is open, in any worker. From any process.
     *
     * @param int $fd The session id.
     */
    public function exist(int $fd): bool
    {
    }

    /**
     * Another name of `exist()`.
     *
     * @param int $fd The session id.
     */
    public function exists(int $fd): bool
    {
    }

    /**
     * Session ids, page by page: give the last id of a page to get the next one. From any process.
     *
     * @param int $start_fd Ids behind this one; 0: from the beginning.
     * @param int $count At most 100.
     * @return list<int>|false `false`: $start_fd is not known or nothing is behind it; with a warning: more
     *     than 100, or not running.
     */
    public function getClientList(int $start_fd = 0, int $count = 10): array|false
    {
    }

    /**
     * Another name of `getClientList()`.
     *
     * @param int $start_fd Ids behind this one; 0: from the beginning.
     * @param int $count At most 100.
     * @return list<int>|false
     */
    public function connection_list(int $start_fd = 0, int $count = 10): array|false
    {
    }

    /**
     * What is known of a connection of any worker. Times are unix times in seconds. From any process.
     *
     * @param int $fd The session id; or the sender of a datagram, as onReceive told it: then there are
     *     `server_port`, `remote_port` and `remote_ip`.
     * @param int $reactor_id For a datagram: what onReceive told.
     * @param bool $ignore_close Tell of one that is being closed, too.
     * @return array{uid?: int, server_port: int, server_fd?: int, socket_fd?: int, socket_type?: int, remote_port?: int, remote_ip?: string, reactor_id?: int, connect_time?: int, last_time?: int, close_errno?: int}|false
     *     `false`: no such session.
     */
    public function getClientInfo(int $fd, int $reactor_id = -1, bool $ignore_close = false): array|false
    {
    }

    /**
     * Another name of `getClientInfo()`.
     *
     * @param int $fd The session id; or the sender of a datagram, as onReceive told it: then there are
     *     `server_port`, `remote_port` and `remote_ip`.
     * @param int $reactor_id For a datagram: what onReceive told.
     * @param bool $ignore_close Tell of one that is being closed, too.
     * @return array{uid?: int, server_port: int, server_fd?: int, socket_fd?: int, socket_type?: int, remote_port?: int, remote_ip?: string, reactor_id?: int, connect_time?: int, last_time?: int, close_errno?: int}|false
     *     `false`: no such session.
     */
    public function connection_info(int $fd, int $reactor_id = -1, bool $ignore_close = false): array|false
    {
    }

    /**
     * The sums of all workers.
     *
     * @return array{start_time: int, connection_num: int, accept_count: int, close_count: int, tasking_num: int, request_count: int, buffer_size: int, worker_request_count?: int}|false
     *     `false` with a warning: not running. buffer_size: bytes that wait in the
     *     workers, to be sent or of messages that are not complete; worker_request_count: in a worker, its own.
     */
    public function stats(): array|false
    {
    }

    /**
     * The error of the last call that failed, as `swoole_last_error()`.
     */
    public function getLastError(): int
    {
    }

    /**
     * As {@see Timer::tick()}.
     *
     * @param int $ms Milliseconds between calls, above 0.
     * @param callable $callback `callable(int $timer_id, mixed ...$params): void`
     * @param mixed ...$params Passed on.
     * @return int|false The timer's id. `false` with a warning: bad interval.
     */
    public function tick(int $ms, callable $callback, mixed ...$params): int|false
    {
    }

    /**
     * As {@see Timer::after()}.
     *
     * @param int $ms Milliseconds, above 0.
     * @param callable $callback `callable(mixed ...$params): void`
     * @param mixed ...$params Passed on.
     * @return int|false The timer's id. `false` with a warning: bad interval.
     */
    public function after(int $ms, callable $callback, mixed ...$params): int|false
    {
    }

    /**
     * As {@see Timer::clear()}.
     *
     * @param int $timer_id What `tick()` or `after()` returned.
     * @return bool `false`: there is no such timer.
     */
    public function clearTimer(int $timer_id): bool
    {
    }

    /**
     * As {@see Event::defer()}.
     *
     * @param callable $callback `callable(): void`
     * @return bool `true`
     */
    public function defer(callable $callback): bool
    {
    }

    /**
     * The listening socket of a port, for PHP's extension sockets: another descriptor of it. What is set on
     * it before `start()` holds for all workers, which share that one socket then. Later an event worker has
     * its own; with SWOOLE_PROCESS streams are the I/O threads', and only datagrams are left.
     *
     * @param int $port Its number; 0: the primary port.
     * @return \Socket|false `false` with a warning: no such port, this process does not have it, or the
     *     extension is not loaded.
     */
    public function getSocket(int $port = 0): \Socket|false
    {
    }
}
