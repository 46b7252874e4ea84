//! The global functions that tell something, and the ini entries.

use std::{cell::Cell, net::Ipv4Addr};

use crate::{
    net::dns_cache,
    sys::{errno, interfaces::interfaces, process},
    zend::{
        Arg, Array, Call, Function, Thrown, Value, error, fence,
        module::{Registry, ini_string},
        process::in_cli,
        string,
    },
};

use super::{
    constants::{API_VERSION, error_text},
    settings::warn,
};

/// Every ini entry of the classic API. `swoole.use_namespace`, `swoole.enable_coroutine` and
/// `swoole.use_shortname` change nothing: both names of a class are always there, and coroutines
/// never are.
const INI: [(&str, &str, Option<&str>); 7] = [
    ("swoole.display_errors", "On", None),
    ("swoole.aio_thread_num", "2", None),
    ("swoole.use_namespace", "Off", None),
    (
        "swoole.fast_serialize",
        "Off",
        Some("swoole.fast_serialize has no effect: values go to other processes by serialize()"),
    ),
    (UNIXSOCK_BUFFER_SIZE, "8388608", None),
    ("swoole.enable_coroutine", "On", None),
    ("swoole.use_shortname", "On", None),
];
const UNIXSOCK_BUFFER_SIZE: &str = "swoole.unixsock_buffer_size";
/// Its default; the least is what the largest message takes.
const ROOM: usize = 8 << 20;
const LEAST_ROOM: usize = 128 << 10;

/// How many unread bytes the sockets between processes are asked to hold; the system may give less.
pub(super) fn unixsock_buffer_size() -> usize {
    let text = ini_string(UNIXSOCK_BUFFER_SIZE);
    let text = text.trim_ascii();
    let (digits, unit) = match text.split_last() {
        Some((b'k' | b'K', digits)) => (digits, 10),
        Some((b'm' | b'M', digits)) => (digits, 20),
        Some((b'g' | b'G', digits)) => (digits, 30),
        _ => (text, 0),
    };
    let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.trim().parse().ok());
    let number = number.map_or(ROOM, |number: usize| number.saturating_mul(1 << unit));
    number.clamp(LEAST_ROOM, i32::MAX as usize)
}

/// Registers all of them.
pub(super) fn register(registry: &mut Registry) {
    registry.ini(&INI);
    registry.functions(&[
        Function::new("swoole_version", swoole_version).returns("string"),
        Function::new("tether_version", tether_version).returns("string"),
        Function::new("swoole_last_error", swoole_last_error).returns("int"),
        Function::new("swoole_errno", swoole_errno).returns("int"),
        Function::new("swoole_strerror", swoole_strerror)
            .arg(Arg::new("errno", "int"))
            .arg(Arg::new("error_type", "int").default("SWOOLE_STRERROR_SYSTEM"))
            .returns("string"),
        Function::new("swoole_cpu_num", swoole_cpu_num).returns("int"),
        Function::new("swoole_get_local_ip", swoole_get_local_ip).returns("array"),
        Function::new("swoole_get_local_mac", swoole_get_local_mac).returns("array"),
        Function::new("swoole_hashcode", swoole_hashcode)
            .arg(Arg::new("data", "string"))
            .arg(Arg::new("type", "int").default("0"))
            .returns("int"),
        Function::new("swoole_get_mime_type", swoole_get_mime_type)
            .arg(Arg::new("filename", "string"))
            .returns("string"),
        Function::new("swoole_clear_dns_cache", swoole_clear_dns_cache).returns("void"),
        Function::new("swoole_call_user_shutdown_begin", swoole_call_user_shutdown_begin)
            .returns("bool"),
        Function::new("swoole_set_process_name", swoole_set_process_name)
            .arg(Arg::new("name", "string"))
            .returns("bool"),
    ]);
}

/// The rows of `php --ri tether`.
pub(super) fn info() -> Vec<(String, String)> {
    let yes_no = |on: bool| if on { "yes" } else { "no" };
    let rows = [
        ("Tether", env!("CARGO_PKG_VERSION")),
        ("Classic API", API_VERSION),
        ("Event loop", if cfg!(target_os = "linux") { "epoll (mio)" } else { "mio" }),
        ("TLS", "1.2 and 1.3 (rustls)"),
        ("Coroutines", "no"),
        ("Built for debug PHP", yes_no(ext_php_rs::ffi::ZEND_DEBUG != 0)),
        ("Built for thread-safe PHP", yes_no(ext_php_rs::ffi::USING_ZTS != 0)),
        ("Optimised build", yes_no(!cfg!(debug_assertions))),
    ];
    rows.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

thread_local! {
    static LAST_ERROR: Cell<i32> = const { Cell::new(0) };
}

/// Sets what `swoole_last_error()` tells: a number of the classic API or of the system. Success does
/// not reset it.
pub(super) fn set_last_error(number: i32) {
    LAST_ERROR.set(number);
}

/// What `swoole_last_error()` and `Server::getLastError()` tell.
pub(super) fn last_error() -> i32 {
    LAST_ERROR.get()
}

fn swoole_version(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_str(API_VERSION.as_bytes());
    Ok(())
}

fn tether_version(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_str(env!("CARGO_PKG_VERSION").as_bytes());
    Ok(())
}

fn swoole_last_error(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_long(i64::from(last_error()));
    Ok(())
}

fn swoole_errno(call: &Call<'_>) -> Result<(), Thrown> {
    let last = std::io::Error::last_os_error();
    call.args(0, 0)?;
    call.ret_long(last.raw_os_error().map_or(0, i64::from));
    Ok(())
}

fn swoole_strerror(call: &Call<'_>) -> Result<(), Thrown> {
    const GAI: i64 = 1;
    const DNS: i64 = 2;
    const SWOOLE: i64 = 9;
    call.args(1, 2)?;
    let number = call.long(0)?;
    let text = match call.long_or(1, 0)? {
        GAI => text_of(GAI_TEXTS, number),
        DNS => text_of(DNS_TEXTS, number),
        SWOOLE => error_text(number),
        _ => error_text(number),
    };
    match text {
        Some(text) => call.ret_str(text.as_bytes()),
        None => call.ret_str(errno::text(i32::try_from(number).unwrap_or(-1)).as_bytes()),
    }
    Ok(())
}

fn swoole_cpu_num(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_long(i64::try_from(process::cpu_count()).unwrap_or(1));
    Ok(())
}

fn swoole_set_process_name(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let named = set_process_name(call.str(0)?)?;
    call.ret_bool(named);
    Ok(())
}

/// Names this process, in `ps` where PHP can do that. `Ok(false)` after a warning.
pub(super) fn set_process_name(name: &[u8]) -> Result<bool, Thrown> {
    const MAX: usize = 127;
    if name.len() > MAX {
        warn(&format!("The name of a process has at most {MAX} bytes"))?;
        return Ok(false);
    }
    // PHP's own function knows where the words of the command line stand.
    if in_cli() {
        let named = fence::call_function("cli_set_process_title", &[Value::from(name)]);
        return Ok(named.into_result()?.is_true());
    }
    match process::set_name(&String::from_utf8_lossy(name)) {
        Ok(()) => Ok(true),
        Err(failed) => {
            warn(&format!("The process cannot be named: {failed}"))?;
            Ok(false)
        }
    }
}

/// By name, the IPv4 addresses of interfaces that are up; the loopback is left out.
fn swoole_get_local_ip(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let mut array = Array::new(4);
    for interface in interfaces().unwrap_or_default() {
        if let Some(address) = interface.address.filter(|address| *address != Ipv4Addr::LOCALHOST) {
            array.insert(interface.name.as_bytes(), address.to_string().as_str());
        }
    }
    call.ret_value(array);
    Ok(())
}

fn swoole_get_local_mac(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let mut array = Array::new(4);
    for interface in interfaces().unwrap_or_default() {
        if let Some(bytes) = interface.hardware.filter(|bytes| *bytes != [0; 6]) {
            let text = bytes.map(|byte| format!("{byte:02X}")).join(":");
            array.insert(interface.name.as_bytes(), text.as_str());
        }
    }
    call.ret_value(array);
    Ok(())
}

fn swoole_hashcode(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let data = call.str(0)?;
    match call.long_or(1, 0)? {
        0 => call.ret_long(string::hash(data).cast_signed()),
        1 => call.ret_long(one_at_a_time(data).into()),
        _ => {
            let expected = "must be 0 (PHP's own) or 1 (one at a time)";
            return Err(error::throw_argument_value_error(1, expected));
        }
    }
    Ok(())
}

/// Bob Jenkins' hash of that name.
fn one_at_a_time(data: &[u8]) -> u32 {
    let mut hash = data.iter().fold(0_u32, |hash, byte| {
        let hash = hash.wrapping_add(u32::from(*byte));
        let hash = hash.wrapping_add(hash << 10);
        hash ^ (hash >> 6)
    });
    hash = hash.wrapping_add(hash << 3);
    hash ^= hash >> 11;
    hash.wrapping_add(hash << 15)
}

fn swoole_get_mime_type(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let name = String::from_utf8_lossy(call.str(0)?).into_owned();
    let kind = mime_guess::from_path(name).first_raw().unwrap_or("application/octet-stream");
    call.ret_str(kind.as_bytes());
    Ok(())
}

fn swoole_clear_dns_cache(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    dns_cache::clear();
    Ok(())
}

/// The classic engine called it before the user's shutdown functions, to take note. Here they need none.
fn swoole_call_user_shutdown_begin(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_bool(true);
    Ok(())
}

fn text_of(texts: &[(i64, &'static str)], number: i64) -> Option<&'static str> {
    let known = texts.iter().find(|(known, _)| *known == number);
    Some(known.map_or("Unknown error", |(_, text)| text))
}

/// `EAI_*` of getaddrinfo.
const GAI_TEXTS: &[(i64, &str)] = &[
    (-1, "Bad value for ai_flags"),
    (-2, "Name or service not known"),
    (-3, "Temporary failure in name resolution"),
    (-4, "Non-recoverable failure in name resolution"),
    (-6, "ai_family not supported"),
    (-7, "ai_socktype not supported"),
    (-8, "Servname not supported for ai_socktype"),
    (-10, "Memory allocation failure"),
    (-11, "System error"),
];

/// `h_errno` of gethostbyname.
const DNS_TEXTS: &[(i64, &str)] = &[
    (0, "Resolver Error 0 (no error)"),
    (1, "Unknown host"),
    (2, "Host name lookup failure"),
    (3, "Unknown server error"),
    (4, "No address associated with name"),
];
