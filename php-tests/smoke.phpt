--TEST--
The extension loads, into PHP as it was built
--EXTENSIONS--
tether
--FILE--
<?php
var_dump(extension_loaded('tether'));
?>
--EXPECT--
bool(true)
