--TEST--
Every class of the extension refuses clone, serialize and unserialize, but values: found by reflection, so none is forgotten
--EXTENSIONS--
tether
--FILE--
<?php
require __DIR__ . '/classes.inc';

// Values that own nothing, and classes of static methods, whose objects are empty.
$plain = ['Swoole\WebSocket\Frame', 'Swoole\WebSocket\CloseFrame', 'Swoole\Timer', 'Swoole\Event', 'Swoole\Async', 'Swoole\Mmap', 'Tether\Ledger'];
$refused = 0;
foreach (tether_classes() as $name => $class) {
    if (is_subclass_of($name, Throwable::class)) {
        // As PHP's own: no clone, and serialize() is theirs.
        expect_throw("clone $name", Error::class, 'Trying to clone an uncloneable object of class ' . $name, fn () => clone new $name());
        continue;
    }
    $object = bare($class);
    if ($object === null) {
        echo "no object of $name can be made\n";
        continue;
    }
    if (in_array($name, $plain, true)) {
        $object->marked = 'yes';
        $copies = [clone $object, unserialize(serialize($object))];
        foreach ($copies as $copy) {
            if ($copy == $object && $copy !== $object && get_class($copy) === $name) {
                continue;
            }
            echo "a copy of $name differs\n";
        }
        continue;
    }
    expect_throw("clone $name", Error::class, "Trying to clone an uncloneable object of class $name", fn () => clone $object);
    expect_throw("serialize $name", Exception::class, "Serialization of '$name' is not allowed", fn () => serialize($object));
    $length = strlen($name);
    expect_throw("unserialize $name", Exception::class, "Unserialization of '$name' is not allowed", fn () => unserialize("O:$length:\"$name\":0:{}"));
    // Neither does a subclass bring the refused back.
    if (!$class->isFinal()) {
        $own = 'Own' . str_replace('\\', '', $name);
        eval("class $own extends $name { public function __construct() {} public function __serialize(): array { return []; } }");
        $object = bare(new ReflectionClass($own));
        if ($object !== null) {
            expect_throw("clone $own", Error::class, "Trying to clone an uncloneable object of class $own", fn () => clone $object);
            expect_throw("serialize $own", Exception::class, "Serialization of '$own' is not allowed", fn () => serialize($object));
        }
    }
    $refused++;
}
echo "$refused classes refuse\n";
?>
--EXPECT--
no object of Tether\Shutdown can be made
20 classes refuse
