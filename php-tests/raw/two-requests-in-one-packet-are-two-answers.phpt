--TEST--
Two requests in one packet are two answers, the second's rest may come later; a hundred are a hundred
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/../http/program.inc';

[$server, $port] = serve('$response->end("<{$request->server["path_info"]} {$request->rawContent()}>");');
$post = fn ($path, $body) => "POST $path HTTP/1.1\r\nHost: h\r\nContent-Length: " . strlen($body) . "\r\n\r\n$body";
$bodies = function (string $raw) {
    preg_match_all('~<[^>]*>~', $raw, $found);
    return implode(' ', $found[0]);
};

$stream = dial($port);
echo $bodies(raw_request($stream, $post('/1', 'one') . $post('/2', 'two'), '</2 two>')), "\n";

$three = $post('/3', 'three') . $post('/4', 'four');
echo $bodies(raw_request($stream, substr($three, 0, -2), '</3 three>')), "\n";
echo $bodies(raw_request($stream, substr($three, -2), '</4 four>')), "\n";

$many = $expected = '';
for ($i = 0; $i < 100; $i++) {
    $many .= $post("/$i", "body $i");
    $expected .= "</$i body $i> ";
}
var_dump($bodies(raw_request($stream, $many, '</99 body 99>')) === trim($expected));
var_dump(stop($server));
?>
--EXPECT--
</1 one> </2 two>
</3 three>
</4 four>
bool(true)
int(0)
