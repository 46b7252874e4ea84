--TEST--
The arrays that are made on first use behave like plain properties, whatever use comes first
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/../_support/harness.inc';
require __DIR__ . '/program.inc';

[$server, $port] = serve(<<<'PHP'
    $out = match ($request->server['path_info']) {
        '/isset' => [isset($request->get), isset($request->get['a']), isset($request->post), isset($request->get['z'])],
        '/empty' => [empty($request->get), empty($request->post), property_exists($request, 'post')],
        '/foreach' => (function () use ($request) {
            $all = [];
            foreach ($request->get as $key => $value) {
                $all[] = "$key=$value";
            }
            return $all;
        })(),
        '/object' => array_keys(get_object_vars($request)),
        '/each' => (function () use ($request) {
            $all = [];
            foreach ($request as $name => $value) {
                $all[$name] = gettype($value);
            }
            return $all;
        })(),
        '/json' => json_decode(json_encode($request))->get,
        '/dump' => (function () use ($request) {
            ob_start();
            var_dump($request);
            return substr_count(ob_get_clean(), '["b"]=>');
        })(),
        '/element' => (function () use ($request) {
            $request->get['c'] = 3;
            $request->get['list'][] = 4;
            return $request->get;
        })(),
        '/post' => (function () use ($request) {
            $request->post[] = 1;
            return $request->post;
        })(),
        '/write' => (function () use ($request) {
            $request->get = ['mine'];
            return $request->get;
        })(),
        '/reference' => (function () use ($request) {
            $get = &$request->get;
            $get['d'] = 5;
            return $request->get;
        })(),
        '/unset' => (function () use ($request) {
            unset($request->get);
            return isset($request->get);
        })(),
        '/array' => array_intersect_key(((array) $request)['get'], ['a' => 1]),
        '/equal' => [$request == $request, $request == new Swoole\Http\Request()],
        '/copy' => (function () use ($request) {
            $copy = $request->get;
            $copy['a'] = 'other';
            return $request->get;
        })(),
        '/own' => (function () use ($request) {
            $request->own = 1;
            return [$request->own, $request->get['a']];
        })(),
        '/clone' => (function () use ($request) {
            try {
                clone $request;
            } catch (Error $e) {
                return $e->getMessage();
            }
        })(),
    };
    $response->end(json_encode($out));
PHP);

foreach (['isset', 'empty', 'foreach', 'object', 'each', 'json', 'dump', 'element', 'post', 'write', 'reference',
    'unset', 'array', 'equal', 'copy', 'own', 'clone'] as $use) {
    echo "$use: ", http_get($port, "/$use?a=1&b=2")['body'], "\n";
}
var_dump(stop($server), $server->errors());
?>
--EXPECT--
isset: [true,true,false,false]
empty: [false,true,true]
foreach: ["a=1","b=2"]
object: ["fd","header","server","get","post","cookie","files","tmpfiles","request"]
each: {"fd":"integer","header":"array","server":"array","get":"array","post":"NULL","cookie":"NULL","files":"NULL","tmpfiles":"NULL","request":"NULL"}
json: {"a":"1","b":"2"}
dump: 1
element: {"a":"1","b":"2","c":3,"list":[4]}
post: [1]
write: ["mine"]
reference: {"a":"1","b":"2","d":5}
unset: false
array: {"a":"1"}
equal: [true,false]
copy: {"a":"1","b":"2"}
own: [1,"1"]
clone: "Trying to clone an uncloneable object of class Swoole\\Http\\Request"
int(0)
string(0) ""
