<?php

/**
 * Compares stubs/src with what the extension declares. Run with the extension loaded; the stubs are loaded
 * in a PHP without it, and both are described by the same Reflection code.
 *
 *   php -d extension=libtether.so stubs/check.php --check    differences, exit code 1
 *   php -d extension=libtether.so stubs/check.php            the same, and a skeleton of what is missing
 */

if (($argv[1] ?? '') === '--describe') {
    // A file a class, so a parent is found whatever the order.
    spl_autoload_register(fn (string $class) => @include_once __DIR__ . '/src/' . strtr($class, '\\', '/') . '.php');
    foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator(__DIR__ . '/src', FilesystemIterator::SKIP_DOTS)) as $file) {
        require_once $file->getPathname();
    }
    echo json_encode(describe_stubs(), JSON_THROW_ON_ERROR);
    exit(0);
}

if (!extension_loaded('tether')) {
    fwrite(STDERR, "load the extension: php -d extension=libtether.so {$argv[0]}\n");
    exit(2);
}
$command = [PHP_BINARY, '-n', '-d', 'opcache.enable_cli=0', __FILE__, '--describe'];
$child = proc_open($command, [1 => ['pipe', 'w']], $pipes);
$text = stream_get_contents($pipes[1]);
if (proc_close($child) !== 0) {
    fwrite(STDERR, "the stubs do not load:\n$text\n");
    exit(1);
}
[$stubs, $undocumented] = json_decode($text, true, flags: JSON_THROW_ON_ERROR);
// Through JSON too, so that both are compared as the same kinds of values.
$engine = json_decode(json_encode(describe_extension(), JSON_THROW_ON_ERROR), true);

$problems = $undocumented;
$missing = [];
foreach ($engine as $name => $declared) {
    if (!array_key_exists($name, $stubs)) {
        $problems[] = "missing in the stubs: $name";
        $missing[$name] = $declared;
    } elseif ($stubs[$name] !== $declared) {
        $problems[] = "$name\n    extension: " . show($declared) . "\n    stubs:     " . show($stubs[$name]);
    }
}
foreach (array_diff_key($stubs, $engine) as $name => $_) {
    $problems[] = "not in the extension: $name";
}
foreach ($problems as $problem) {
    echo "$problem\n";
}
if (!in_array('--check', $argv, true) && $missing) {
    echo "\n", implode("\n", array_map(skeleton(...), array_keys($missing), $missing)), "\n";
}
printf("%d declarations, %d differences\n", count($engine), count($problems));
exit($problems || !$engine ? 1 : 0);

/** @return array<string, mixed> One entry a declaration: `Class::method()`, `Class::$property`, ... */
function describe_extension(): array
{
    $extension = new ReflectionExtension('tether');
    $all = [];
    foreach ($extension->getClasses() as $name => $class) {
        $all += describe_name($name, $class);
    }
    foreach ($extension->getFunctions() as $function) {
        $all[$function->getName() . '()'] = signature($function);
    }
    foreach ($extension->getConstants() as $name => $value) {
        // Signals belong to ext-pcntl where that is loaded.
        if (!str_starts_with($name, 'SIG')) {
            $all[$name] = $value;
        }
    }
    ksort($all);
    return $all;
}

/** @return array{array<string, mixed>, list<string>} The same of the stubs, and what lacks documentation. */
function describe_stubs(): array
{
    $all = $undocumented = [];
    foreach (get_declared_classes() as $name) {
        $class = new ReflectionClass($name);
        if (!$class->isUserDefined()) {
            continue;
        }
        $all += describe_name(class_exists($name) ? $name : $class->getName(), $class);
        foreach ([$class, ...own($class, $class->getMethods()), ...own($class, $class->getProperties()), ...own($class, $class->getReflectionConstants())] as $item) {
            $undocumented = [...$undocumented, ...lacks($item)];
        }
    }
    foreach (get_defined_functions()['user'] as $name) {
        $function = new ReflectionFunction($name);
        if (dirname((string) $function->getFileName()) === __DIR__ . '/src') {
            $all[$function->getName() . '()'] = signature($function);
            $undocumented = [...$undocumented, ...lacks($function)];
        }
    }
    $all += get_defined_constants(true)['user'] ?? [];
    ksort($all);
    return [$all, array_values(array_unique($undocumented))];
}

/** @return list<string> */
function lacks(Reflector $item): array
{
    $name = ($item instanceof ReflectionClass || $item instanceof ReflectionFunction ? '' : $item->getDeclaringClass()->getName() . '::') . $item->getName();
    $doc = (string) $item->getDocComment();
    if ($doc === '') {
        return ["undocumented: $name"];
    }
    if (!$item instanceof ReflectionFunctionAbstract) {
        return [];
    }
    $lacks = [];
    foreach ($item->getParameters() as $parameter) {
        if (!preg_match('/\$' . $parameter->getName() . '\b/', $doc)) {
            $lacks[] = "undocumented: $name(\${$parameter->getName()})";
        }
    }
    return $lacks;
}

/** @return array<string, mixed> */
function describe_name(string $name, ReflectionClass $class): array
{
    if (strcasecmp($name, $class->getName()) !== 0) {
        return [strtolower($name) => ['alias of' => $class->getName()]];
    }
    $name = $class->getName();
    $all[$name] = [
        'parent' => ($class->getParentClass() ?: null)?->getName(),
        'interfaces' => $class->getInterfaceNames(),
        'final' => $class->isFinal(),
        'abstract' => $class->isAbstract(),
    ];
    foreach (own($class, $class->getReflectionConstants()) as $constant) {
        $all["$name::{$constant->getName()}"] = ['value' => $constant->getValue(), 'modifiers' => $constant->getModifiers()];
    }
    foreach (own($class, $class->getProperties()) as $property) {
        $all["$name::\${$property->getName()}"] = [
            'type' => type($property->getType()),
            'modifiers' => $property->getModifiers(),
            'default' => $property->hasDefaultValue() ? ['value' => $property->getDefaultValue()] : null,
        ];
    }
    foreach (own($class, $class->getMethods()) as $method) {
        $all["$name::{$method->getName()}()"] = ['modifiers' => Reflection::getModifierNames($method->getModifiers())] + signature($method);
    }
    return $all;
}

/**
 * @template T
 * @param list<T> $items
 * @return list<T>
 */
function own(ReflectionClass $class, array $items): array
{
    return array_values(array_filter($items, fn ($item) => $item->getDeclaringClass()->getName() === $class->getName()));
}

/** @return array<string, mixed> */
function signature(ReflectionFunctionAbstract $function): array
{
    $parameters = array_map(fn (ReflectionParameter $p) => [
        'name' => $p->getName(),
        'type' => type($p->getType()),
        'by reference' => $p->isPassedByReference(),
        'variadic' => $p->isVariadic(),
        'optional' => $p->isOptional(),
        'default' => $p->isDefaultValueAvailable() ? ['value' => $p->getDefaultValue()] : null,
    ], $function->getParameters());
    return [
        'parameters' => $parameters,
        'returns' => type($function->getReturnType()),
        'deprecated' => $function->isDeprecated(),
    ];
}

/** A type, its parts in an order of their own. */
function type(?ReflectionType $type): string
{
    $parts = explode('|', preg_replace('/^\?(.*)/', '$1|null', (string) $type));
    sort($parts);
    return implode('|', $parts);
}

function show(mixed $value): string
{
    return json_encode($value, JSON_UNESCAPED_SLASHES | JSON_PARTIAL_OUTPUT_ON_ERROR);
}

/** A declaration to start from; what it does is for a human to say. */
function skeleton(string $name, mixed $declared): string
{
    if (!is_array($declared)) {
        return "const $name = " . var_export($declared, true) . ';';
    }
    if (isset($declared['alias of'])) {
        return "\\class_alias(\\{$declared['alias of']}::class, '$name');";
    }
    $member = substr((string) strrchr($name, ':'), 1) ?: $name;
    if (isset($declared['parameters'])) {
        $parameters = array_map(
            fn ($p) => ltrim("{$p['type']} " . ($p['by reference'] ? '&' : '') . ($p['variadic'] ? '...' : '') . "\${$p['name']}")
                . ($p['default'] ? ' = ' . var_export($p['default']['value'], true) : ''),
            $declared['parameters'],
        );
        return "// $name\n" . implode(' ', $declared['modifiers'] ?? []) . ' function '
            . rtrim($member, '()') . '(' . implode(', ', $parameters) . ")" . ($declared['returns'] === '' ? '' : ": {$declared['returns']}") . "\n{\n}";
    }
    if (str_starts_with($member, '$')) {
        return "// $name\npublic $member = " . var_export($declared['default']['value'] ?? null, true) . ';';
    }
    if (array_key_exists('value', $declared)) {
        return "// $name\nconst $member = " . var_export($declared['value'], true) . ';';
    }
    return "class $name" . ($declared['parent'] === null ? '' : " extends \\{$declared['parent']}") . "\n{\n}";
}
