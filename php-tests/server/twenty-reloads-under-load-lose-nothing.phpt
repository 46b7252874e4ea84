--TEST--
Twenty rolling reloads, and max_request=50 on top, under a load of keep-alive connections lose no request, end no connection, and no worker leaves a row
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

foreach (['reload' => [], 'max_request' => ['max_request' => 50, 'max_request_grace' => 50]] as $what => $settings) {
    [$server, $port, $log] = start_server(<<<'PHP'
        $serv->on('request', fn ($request, $response) => $response->end((string) getmypid()));
        $serv->on('workerstop', fn () => tell('stop'));
        $serv->on('workererror', fn (...$args) => tell(['error', array_slice($args, 1)]));
    PHP, ['worker_num' => 2] + $settings);
    $load = new Load($port, 8);
    $stopped = 0;
    for ($i = 1; $i <= ($what === 'reload' ? 20 : 1); $i++) {
        $server->signal(10);
        // Both old workers have gone, or, with max_request, many of their successors too.
        $load->until(function () use ($server, $what, $i, &$stopped) {
            $stopped += $server->hear(0.001) === 'stop' ? 1 : 0;
            return $stopped >= ($what === 'reload' ? 2 * $i : 30);
        }, 30)->more(30);
    }
    $load->more(500)->end();
    echo "$what: lost ", json_encode($load->lost), ", connections closed: $load->closed, workers enough: ", json_encode($stopped >= 30), ', answers enough: ', json_encode($load->answered > 1000), "\n";
    echo json_encode(stop($server)), ' ', preg_match('~WARNING|ERROR|still held|[1-9]\d* rows~', file_get_contents($log)), "\n";
}
?>
--EXPECT--
reload: lost [], connections closed: 0, workers enough: true, answers enough: true
0 0
max_request: lost [], connections closed: 0, workers enough: true, answers enough: true
0 0
