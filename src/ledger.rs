//! Rows for every reference that the engine holds on a PHP value.
