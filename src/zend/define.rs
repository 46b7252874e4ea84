//! Declaring classes, methods and functions, with everything that Reflection shows.
use super::{
    call::{self, Body},
    class::{self, Class, State},
    ffi::*,
    string::intern,
    types::Type,
};
use std::{ffi::CString, mem::MaybeUninit, ptr, sync::Mutex};

/// A parameter: name, type, default as PHP code.
pub struct Arg {
    name: &'static str,
    kind: &'static str,
    default: Option<&'static str>,
    variadic: bool,
    by_ref: bool,
}

impl Arg {
    /// A required parameter; `kind` in PHP's notation (`?int`, `array|string`), empty = none.
    pub const fn new(name: &'static str, kind: &'static str) -> Arg {
        Arg { name, kind, default: None, variadic: false, by_ref: false }
    }
    /// Makes it optional; the text is PHP code (`0`, `null`, `[]`, `SWOOLE_BASE`).
    #[must_use]
    pub const fn default(mut self, code: &'static str) -> Arg {
        self.default = Some(code);
        self
    }
    /// `...$name`.
    #[must_use]
    pub const fn variadic(mut self) -> Arg {
        self.variadic = true;
        self
    }
}

impl Arg {
    /// `&$name`: read it with a getter, write it with [`super::Call::set_ref`].
    #[must_use]
    pub const fn by_ref(mut self) -> Arg {
        self.by_ref = true;
        self
    }
}

/// A method, or with [`Function`]'s name a global function.
pub struct Method {
    name: &'static str,
    handler: zif_handler,
    args: Vec<Arg>,
    returns: &'static str,
    flags: u32,
}

/// A global function.
pub type Function = Method;

impl Method {
    /// A public method; `body` is a plain function, never a closure that captures.
    pub fn new<F: Body>(name: &'static str, _body: F) -> Method {
        Method { name, handler: call::handler::<F>(), args: Vec::new(), returns: "", flags: PUBLIC }
    }
    /// Adds a parameter.
    #[must_use]
    pub fn arg(mut self, arg: Arg) -> Method {
        self.args.push(arg);
        self
    }
    /// The return type in PHP's notation; without it none is declared.
    #[must_use]
    pub fn returns(mut self, kind: &'static str) -> Method {
        self.returns = kind;
        self
    }
    /// `static`.
    #[must_use]
    pub fn make_static(mut self) -> Method {
        self.flags |= STATIC;
        self
    }
    /// `private`.
    #[must_use]
    pub fn private(mut self) -> Method {
        self.flags = self.flags & !PUBLIC | PRIVATE;
        self
    }
}

/// A class on its way to registration.
pub struct ClassDef {
    class: &'static Class,
    parent: Option<*mut zend_class_entry>,
    create: Option<unsafe extern "C" fn(*mut zend_class_entry) -> *mut zend_object>,
    methods: Vec<Method>,
    aliases: Vec<&'static str>,
    constants: Vec<(&'static str, Const)>,
    properties: Vec<(&'static str, Const)>,
    interfaces: Vec<Interface>,
    flags: u32,
}

/// An interface of PHP's own.
#[derive(Clone, Copy, Debug)]
pub enum Interface {
    Countable,
    Iterator,
    ArrayAccess,
}

/// A constant or the default of a property.
#[derive(Clone, Copy, Debug)]
pub enum Const {
    Null,
    Bool(bool),
    Long(i64),
    Str(&'static str),
}

impl ClassDef {
    /// A class whose objects carry state `T`.
    pub fn new<T: State>(class: &'static Class) -> ClassDef {
        T::handlers().set_up::<T>();
        ClassDef { create: Some(class::create::<T>), flags: NOT_SERIALIZABLE, ..Self::plain(class) }
    }
    /// A class without Rust state (static methods only, or an exception).
    pub fn plain(class: &'static Class) -> ClassDef {
        ClassDef {
            class,
            parent: None,
            create: None,
            methods: Vec::new(),
            aliases: Vec::new(),
            constants: Vec::new(),
            properties: Vec::new(),
            interfaces: Vec::new(),
            flags: 0,
        }
    }
    /// Extends a class registered before.
    #[must_use]
    pub fn extends(mut self, parent: &Class) -> ClassDef {
        self.parent = Some(parent.as_ptr());
        self
    }
    /// Extends PHP's `Exception`.
    #[must_use]
    pub fn extends_exception(mut self) -> ClassDef {
        // SAFETY: set by PHP at its start.
        self.parent = Some(unsafe { zend_ce_exception });
        self
    }
    /// Another name for the class (`swoole_client`).
    #[must_use]
    pub fn alias(mut self, name: &'static str) -> ClassDef {
        self.aliases.push(name);
        self
    }
    /// Adds a method.
    #[must_use]
    pub fn method(mut self, m: Method) -> ClassDef {
        self.methods.push(m);
        self
    }
    /// A public class constant.
    #[must_use]
    pub fn constant(mut self, name: &'static str, value: Const) -> ClassDef {
        self.constants.push((name, value));
        self
    }
    /// A public untyped property; its [`super::Slot`] counts in this order, after the parents'.
    #[must_use]
    pub fn property(mut self, name: &'static str, default: Const) -> ClassDef {
        self.properties.push((name, default));
        self
    }
    /// [`property`](Self::property) for each.
    #[must_use]
    pub fn properties(mut self, all: &[(&'static str, Const)]) -> ClassDef {
        self.properties.extend_from_slice(all);
        self
    }
    /// Implements an interface of PHP.
    #[must_use]
    pub fn implements(mut self, i: Interface) -> ClassDef {
        self.interfaces.push(i);
        self
    }
    /// `final`.
    #[must_use]
    pub fn make_final(mut self) -> ClassDef {
        self.flags |= FINAL;
        self
    }

    /// Registers it. Only in [`super::module::Module::startup`].
    pub fn register(self) {
        let table = park(&self.methods);
        let mut ce = MaybeUninit::<zend_class_entry>::zeroed();
        // SAFETY: PHP's INIT_CLASS_ENTRY, then its registration; it copies the entry and keeps the
        // table, which is parked for the life of the process.
        let ce = unsafe {
            let c = ce.as_mut_ptr();
            (*c).name = intern(self.class.name().as_bytes());
            (*c).info.internal.builtin_functions = table;
            zend_register_internal_class_ex(c, self.parent.unwrap_or(ptr::null_mut()))
        };
        // SAFETY: a fresh class of ours.
        unsafe {
            if self.create.is_some() {
                (*ce).__bindgen_anon_2.create_object = self.create;
            }
            (*ce).ce_flags |= self.flags;
            if PHP_82 {
                (*ce).ce_flags |= ALLOW_DYNAMIC;
            }
            for (name, default) in &self.properties {
                let mut z = default.raw();
                let name = intern(name.as_bytes());
                zend_declare_property_ex(
                    ce,
                    name,
                    z.as_mut(),
                    PUBLIC.cast_signed(),
                    ptr::null_mut(),
                );
            }
            for (name, value) in &self.constants {
                let mut z = value.raw();
                let name = intern(name.as_bytes());
                zend_declare_class_constant_ex(
                    ce,
                    name,
                    z.as_mut(),
                    PUBLIC.cast_signed(),
                    ptr::null_mut(),
                );
            }
            for i in &self.interfaces {
                zend_do_implement_interface(ce, i.entry());
            }
            for a in &self.aliases {
                zend_register_class_alias_ex(a.as_ptr().cast(), a.len(), ce, true);
            }
        }
        self.class.set(ce);
    }
}

impl Const {
    fn raw(self) -> Raw {
        match self {
            Const::Null => Raw::NULL,
            Const::Bool(b) => Raw::bool(b),
            Const::Long(v) => Raw::long(v),
            // SAFETY: interned for the life of the process.
            Const::Str(s) => unsafe { Raw::string(intern(s.as_bytes())) },
        }
    }
}

impl Interface {
    fn entry(self) -> *mut zend_class_entry {
        // SAFETY: set by PHP at its start.
        unsafe {
            match self {
                Interface::Countable => zend_ce_countable,
                Interface::Iterator => zend_ce_iterator,
                Interface::ArrayAccess => zend_ce_arrayaccess,
            }
        }
    }
}

/// Registers global functions.
pub(super) fn register_functions(functions: &[Method]) {
    let table = park(functions);
    // SAFETY: the table ends with a null entry and is parked for the life of the process.
    unsafe { zend_register_functions(ptr::null_mut(), table, ptr::null_mut(), 1) };
}

/// Builds PHP's table and keeps it, and all that it points at, for the life of the process: PHP reads
/// the parameters' texts whenever Reflection or a skipped argument asks.
fn park(methods: &[Method]) -> *const zend_function_entry {
    let mut parked = Parked::default();
    for m in methods {
        let args = parked.arg_info(m);
        let fname = parked.text(m.name);
        // By fields: PHP 8.4 has more of them.
        let mut entry = EMPTY;
        entry.fname = fname;
        entry.handler = m.handler;
        entry.arg_info = args;
        entry.num_args = u32::try_from(m.args.len()).unwrap_or(0);
        entry.flags = m.flags;
        parked.entries.push(entry);
    }
    parked.entries.push(EMPTY);
    let table = parked.entries.as_ptr();
    if let Ok(mut all) = PARKED.lock() {
        all.push(parked);
    }
    table
}

#[derive(Default)]
struct Parked {
    entries: Vec<zend_function_entry>,
    infos: Vec<Box<[zend_internal_arg_info]>>,
    texts: Vec<CString>,
    types: Vec<Type>,
}

// SAFETY: never read again from Rust; PHP reads it as it reads a C extension's constant tables.
unsafe impl Send for Parked {}
static PARKED: Mutex<Vec<Parked>> = Mutex::new(Vec::new());

impl Parked {
    fn text(&mut self, s: &str) -> *const std::ffi::c_char {
        let c = CString::new(s).unwrap_or_default();
        let p = c.as_ptr();
        self.texts.push(c);
        p
    }
    fn kind(&mut self, text: &str, flags: u32) -> zend_type {
        let t = Type::parse(text);
        let z = t.zend(flags);
        self.types.push(t);
        z
    }
    fn arg_info(&mut self, m: &Method) -> *const zend_internal_arg_info {
        let required = m.args.iter().filter(|a| a.default.is_none() && !a.variadic).count();
        let mut infos = vec![zend_internal_arg_info {
            name: ptr::without_provenance(required),
            type_: self.kind(m.returns, 0),
            default_value: ptr::null(),
        }];
        for a in &m.args {
            let variadic = if a.variadic { _ZEND_IS_VARIADIC_BIT } else { 0 };
            let flags = variadic | (u32::from(a.by_ref) << _ZEND_SEND_MODE_SHIFT);
            infos.push(zend_internal_arg_info {
                name: self.text(a.name),
                type_: self.kind(a.kind, flags),
                default_value: a.default.map_or(ptr::null(), |d| self.text(d)),
            });
        }
        let infos = infos.into_boxed_slice();
        let p = infos.as_ptr();
        self.infos.push(infos);
        p
    }
}

const EMPTY: zend_function_entry =
    // SAFETY: all zero is PHP's end marker.
    unsafe { MaybeUninit::<zend_function_entry>::zeroed().assume_init() };

const PUBLIC: u32 = 1;
const PRIVATE: u32 = 4;
const STATIC: u32 = 1 << 4;
const FINAL: u32 = 1 << 5;
const ALLOW_DYNAMIC: u32 = 1 << 15;
const NOT_SERIALIZABLE: u32 = 1 << 29;
