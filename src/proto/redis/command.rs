use std::time::Duration;

use bytes::{BufMut, BytesMut};

/// Appends a command as an array of bulk strings, the name verbatim.
pub fn encode_command<'a>(
    out: &mut BytesMut,
    name: &[u8],
    args: impl ExactSizeIterator<Item = &'a [u8]>,
) {
    put_header(out, b'*', args.len() + 1);
    put_bulk(out, name);
    for arg in args {
        put_bulk(out, arg);
    }
}

/// How long the server may keep a command before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It answers at once.
    Prompt,
    /// It answers within this time.
    UpTo(Duration),
    /// It answers when there is something to tell.
    Forever,
}

/// Reads from a command how long the server may keep it.
///
/// A blocking command whose timeout is missing or malformed is [`Wait::Prompt`]: the server
/// answers it with an error.
#[must_use]
pub fn wait_of<A: AsRef<[u8]>>(name: &[u8], args: &[A]) -> Wait {
    let mut upper = [0; LONGEST_BLOCKING_NAME];
    let Some(upper) = upper.get_mut(..name.len()) else { return Wait::Prompt };
    upper.copy_from_slice(name);
    upper.make_ascii_uppercase();
    let first = args.first().map(AsRef::as_ref);
    let last = args.last().map(AsRef::as_ref);
    match &*upper {
        b"BLPOP" | b"BRPOP" | b"BRPOPLPUSH" | b"BLMOVE" | b"BZPOPMIN" | b"BZPOPMAX" => {
            wait_for(last, Unit::Seconds)
        }
        b"BLMPOP" | b"BZMPOP" => wait_for(first, Unit::Seconds),
        b"XREAD" => wait_for(block_option(args), Unit::Milliseconds),
        b"XREADGROUP" => {
            // `GROUP name consumer` comes first, and the names may read like options.
            wait_for(block_option(args.get(3..).unwrap_or_default()), Unit::Milliseconds)
        }
        b"WAIT" | b"WAITAOF" => wait_for(last, Unit::Milliseconds),
        _ => Wait::Prompt,
    }
}

const LONGEST_BLOCKING_NAME: usize = b"BRPOPLPUSH".len();

enum Unit {
    Seconds,
    Milliseconds,
}

fn wait_for(number: Option<&[u8]>, unit: Unit) -> Wait {
    let number = number.and_then(|text| std::str::from_utf8(text).ok());
    let Some(number) = number.and_then(|text| text.parse::<f64>().ok()) else {
        return Wait::Prompt;
    };
    let seconds = match unit {
        Unit::Seconds => number,
        Unit::Milliseconds => number / 1000.0,
    };
    if seconds == 0.0 {
        return Wait::Forever;
    }
    Duration::try_from_secs_f64(seconds).map_or(Wait::Prompt, Wait::UpTo)
}

/// The value after `BLOCK`, which stands before `STREAMS`: behind it come keys of any name.
fn block_option<A: AsRef<[u8]>>(args: &[A]) -> Option<&[u8]> {
    let mut args = args.iter().map(AsRef::as_ref);
    while let Some(arg) = args.next() {
        if arg.eq_ignore_ascii_case(b"STREAMS") {
            return None;
        }
        if arg.eq_ignore_ascii_case(b"BLOCK") {
            return args.next();
        }
    }
    None
}

fn put_bulk(out: &mut BytesMut, bytes: &[u8]) {
    put_header(out, b'$', bytes.len());
    out.put_slice(bytes);
    out.put_slice(b"\r\n");
}

fn put_header(out: &mut BytesMut, marker: u8, number: usize) {
    out.put_u8(marker);
    out.put_slice(itoa::Buffer::new().format(number).as_bytes());
    out.put_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(command: &str) -> Wait {
        let mut words = command.split(' ').map(str::as_bytes);
        let name = words.next().unwrap();
        wait_of(name, &words.collect::<Vec<_>>())
    }

    fn secs(seconds: u64) -> Wait {
        Wait::UpTo(Duration::from_secs(seconds))
    }

    #[test]
    fn commands_are_arrays_of_bulks() {
        let mut out = BytesMut::new();
        encode_command(&mut out, b"set", [&b"k"[..], b"a\r\nb"].into_iter());
        encode_command(&mut out, b"PING", [].into_iter());
        assert_eq!(out, &b"*3\r\n$3\r\nset\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n*1\r\n$4\r\nPING\r\n"[..]);
    }

    #[test]
    fn blocking_commands_name_their_time() {
        assert_eq!(wait("GET BLPOP"), Wait::Prompt);
        assert_eq!(wait("blpop a b 7"), secs(7));
        assert_eq!(wait("BRPOP a 0"), Wait::Forever);
        assert_eq!(wait("BRPOPLPUSH a b 0.5"), Wait::UpTo(Duration::from_millis(500)));
        assert_eq!(wait("BLMOVE a b LEFT RIGHT 3"), secs(3));
        assert_eq!(wait("BZPOPMIN z 2"), secs(2));
        assert_eq!(wait("BZPOPMAX z 2"), secs(2));
        assert_eq!(wait("BLMPOP 4 1 k LEFT"), secs(4));
        assert_eq!(wait("BZMPOP 4 1 k MIN"), secs(4));
        assert_eq!(wait("XREAD COUNT 1 BLOCK 2000 STREAMS s $"), secs(2));
        assert_eq!(wait("XREAD BLOCK 0 STREAMS s $"), Wait::Forever);
        assert_eq!(wait("XREAD COUNT 1 STREAMS BLOCK 5"), Wait::Prompt);
        assert_eq!(wait("XREADGROUP GROUP BLOCK 9 block 1000 STREAMS s >"), secs(1));
        assert_eq!(wait("WAIT 1 1000"), secs(1));
        assert_eq!(wait("WAITAOF 1 1 0"), Wait::Forever);
    }

    #[test]
    fn a_malformed_time_is_left_to_the_server() {
        for command in ["BLPOP", "BLPOP a x", "BLPOP a -1", "BLPOP a nan", "XREAD BLOCK"] {
            assert_eq!(wait(command), Wait::Prompt, "{command}");
        }
        assert_eq!(wait("BLPOP a 1e300"), Wait::Prompt);
    }
}
