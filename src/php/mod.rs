//! PHP classes.
