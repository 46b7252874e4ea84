--TEST--
Every argument of a wrong type, and one too many, throws, of every method and function, whatever else would have been refused first
--EXTENSIONS--
tether
--FILE--
<?php
/** What ends or stops this process, or is sent to others. */
const LEFT_OUT = ['kill', 'wait', 'alarm', 'daemon', 'exit', 'exec', 'setaffinity'];

set_error_handler(static fn () => true);

/** A value that a parameter takes; null: none is known. */
function fitting(ReflectionParameter $parameter): mixed
{
    $types = explode('|', ltrim((string) $parameter->getType(), '?'));
    foreach (['int' => 1, 'string' => 'x', 'float' => 1.0, 'array' => [], 'bool' => true, 'callable' => 'is_int'] as $type => $value) {
        if (in_array($type, $types, true)) {
            return $value;
        }
    }
    return null;
}

/** Whether an object does not fit. */
function is_scalar_type(ReflectionParameter $parameter): bool
{
    $types = explode('|', ltrim((string) ($parameter->getType() ?? 'mixed'), '?'));
    return !$parameter->isPassedByReference()
        && array_diff($types, ['int', 'string', 'float', 'array', 'bool', 'callable', 'null']) === [];
}

/** The objects to try a method on: constructed where that takes little, and not. */
function objects(ReflectionClass $class): array
{
    $name = $class->getName();
    $made = match (true) {
        $name === 'Swoole\Client' => [new Swoole\Client(SWOOLE_TCP), new Swoole\Client(SWOOLE_TCP | SWOOLE_ASYNC)],
        $name === 'Swoole\Http\Client' => [new Swoole\Http\Client('127.0.0.1')],
        str_ends_with($name, 'Server') => [new $name('127.0.0.1', 0)],
        $name === 'Swoole\Process' => [new Swoole\Process(static fn () => 1)],
        $name === 'Swoole\Table' => [new Swoole\Table(8)],
        $name === 'Swoole\Channel' => [new Swoole\Channel(4096)],
        $name === 'Swoole\Connection\Iterator' => [(new Swoole\Server('127.0.0.1', 0))->connections],
        $class->isInstantiable() && $class->getConstructor()?->getNumberOfRequiredParameters() === 0 => [new $name],
        default => [],
    };
    try {
        $made[] = $class->newInstanceWithoutConstructor();
    } catch (ReflectionException) {
    }
    return $made;
}

function check(ReflectionFunctionAbstract $function, string $name, Closure $call): int
{
    $parameters = $function->getParameters();
    $tried = 0;
    foreach ($parameters as $at => $parameter) {
        if (!is_scalar_type($parameter)) {
            continue;
        }
        $tried++;
        $arguments = array_map('fitting', array_slice($parameters, 0, max($at + 1, $function->getNumberOfRequiredParameters())));
        $arguments[$at] = new stdClass;
        try {
            $call($arguments);
            echo "$name, argument ", $at + 1, " (\$", $parameter->getName(), "): an object is taken\n";
        } catch (Throwable) {
        }
    }
    if (!$function->isVariadic()) {
        $tried++;
        try {
            $call([...array_map('fitting', $parameters), null]);
            echo "$name: one argument too many is taken\n";
        } catch (Throwable) {
        }
    }
    return $tried;
}

$tried = 0;
$extension = new ReflectionExtension('tether');
foreach ($extension->getFunctions() as $function) {
    $tried += check($function, $function->getName(), static fn ($arguments) => $function->invokeArgs($arguments));
}
foreach (array_unique(array_map(static fn ($class) => $class->getName(), $extension->getClasses())) as $name) {
    $class = new ReflectionClass($name);
    foreach ($class->getMethods(ReflectionMethod::IS_PUBLIC) as $method) {
        if (in_array($method->getName(), LEFT_OUT, true) || !$method->getDeclaringClass()->isInternal()) {
            continue;
        }
        foreach ($method->isStatic() ? [null] : objects($class) as $object) {
            $tried += check($method, "$name::{$method->getName()}()", static fn ($arguments) => $method->invokeArgs($object, $arguments));
        }
    }
}
echo $tried > 500 ? 'many' : $tried, " were tried\n";
?>
--EXPECT--
many were tried
