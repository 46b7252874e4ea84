//! The Zend layer.
