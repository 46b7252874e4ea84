//! What cargo cannot know by itself: which PHP the extension is built for, and how macOS links it.

use std::env;

fn main() {
    for name in ["PHP", "PHP_CONFIG"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    // PHP's symbols are in the program that loads the library: macOS has to be told so.
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("macos") {
        println!("cargo::rustc-link-arg-cdylib=-undefined");
        println!("cargo::rustc-link-arg-cdylib=dynamic_lookup");
    }
}
