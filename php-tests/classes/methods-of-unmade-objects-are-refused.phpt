--TEST--
Every method of every class, called on an object whose constructor has not run, and with all kinds of arguments: an answer or an exception, never more
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/classes.inc';
set_error_handler(fn () => true);
$calls = 0;
foreach (tether_classes() as $name => $class) {
    foreach ($class->getMethods(ReflectionMethod::IS_PUBLIC) as $method) {
        // Static methods act on the process and not on an object; destructors and PHP's exceptions are PHP's.
        if ($method->isStatic() || $method->isConstructor() || $method->isDestructor() || is_subclass_of($name, Throwable::class)) {
            continue;
        }
        foreach (['of its type', 'none', 'wrong'] as $kind) {
            $object = bare($class);
            if ($object === null) {
                continue;
            }
            $args = $kind === 'none' ? [] : array_map(fn ($p) => argument($p, $kind), $method->getParameters());
            try {
                $method->invokeArgs($object, $args);
            } catch (Throwable $e) {
                if ($e instanceof ReflectionException) {
                    echo $name, '::', $method->getName(), ': ', $e->getMessage(), "\n";
                }
            }
            unset($object, $args, $e);
            $calls++;
        }
    }
}
Swoole\Timer::clearAll();
var_dump($calls > 800);

function argument(ReflectionParameter $parameter, string $kind): mixed
{
    $type = (string) $parameter->getType();
    if ($kind === 'wrong') {
        return new ArrayObject();
    }
    return match (ltrim(explode('|', $type)[0], '?')) {
        'int' => 1,
        'float' => 0.001,
        'bool' => true,
        'array' => ['a' => 1],
        'callable' => fn () => null,
        'string' => $parameter->getName() === 'host' ? '127.0.0.1' : 'text',
        '', 'mixed' => 'any',
        default => null,
    };
}
?>
--EXPECT--
bool(true)
