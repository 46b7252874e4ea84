<?php // COUNT operations on memory that processes share, MODE by MODE; `loop` is the loop without one.
[, $mode, $count] = $argv;
$count = (int) $count;
$table = new Swoole\Table(1024);
$table->column('id', Swoole\Table::TYPE_INT, 8);
$table->column('name', Swoole\Table::TYPE_STRING, 32);
$table->create();
$table->set('user:17', ['id' => 17, 'name' => 'somebody of us']);
$atomic = new Swoole\Atomic();
switch ($mode) {
    case 'loop':
        for ($i = 0; $i < $count; $i++) {
        }
        break;
    case 'int':
        for ($i = 0; $i < $count; $i++) {
            $table->get('user:17', 'id');
        }
        break;
    case 'string':
        for ($i = 0; $i < $count; $i++) {
            $table->get('user:17', 'name');
        }
        break;
    case 'row':
        for ($i = 0; $i < $count; $i++) {
            $table->get('user:17');
        }
        break;
    case 'add':
        for ($i = 0; $i < $count; $i++) {
            $atomic->add(1);
        }
        break;
}
