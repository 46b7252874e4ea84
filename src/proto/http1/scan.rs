//! Finding the end of a head as its bytes arrive.

/// Looks at each byte of a growing head once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HeadScan {
    /// Bytes looked at so far, from the start of the head.
    seen: u32,
    /// Where the first line ended (its LF), 0 = not yet.
    first_line: u32,
    /// Where the line that has not ended begins.
    line: u32,
}

/// What a scan found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// The head goes on.
    Partial,
    /// The head is that many bytes long, the empty line included.
    End(usize),
    /// A line ended in LF without CR.
    BareLf,
}

impl HeadScan {
    /// Whether no byte was looked at yet.
    pub(super) fn is_fresh(self) -> bool {
        self.seen == 0
    }

    /// Whether the first line has ended.
    pub(super) fn has_first_line(self) -> bool {
        self.first_line != 0
    }

    /// Bytes looked at of the line that has not ended.
    pub(super) fn line_length(self) -> usize {
        self.seen.saturating_sub(self.line) as usize
    }

    /// Looks at what came since the last call; `head` starts at the head's first byte. With
    /// `strict`, a bare LF is reported (RFC 9112 section 2.2 lets a recipient take it for a line
    /// end, which is what smuggling feeds on); without, it ends a line.
    pub(super) fn advance(&mut self, head: &[u8], strict: bool) -> Scan {
        let seen = self.seen as usize;
        let fresh = head.get(seen..).unwrap_or_default();
        for at in memchr::memchr_iter(b'\n', fresh) {
            let at = seen + at;
            let line = head.get(..at).unwrap_or_default();
            let (line, bare) = match line.strip_suffix(b"\r") {
                Some(line) => (line, false),
                None => (line, true),
            };
            if bare && strict {
                return Scan::BareLf;
            }
            if line.ends_with(b"\n") {
                return Scan::End(at + 1);
            }
            if self.first_line == 0 {
                self.first_line = small(at);
            }
            self.line = small(at + 1);
        }
        self.seen = small(head.len());
        Scan::Partial
    }
}

/// Offsets stay below [`super::super::limits::Limits::head`], far below 4 GiB; more saturates.
pub(super) fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan_by_byte(head: &[u8], strict: bool) -> Scan {
        let mut scan = HeadScan::default();
        for end in 1..=head.len() {
            let found = scan.advance(&head[..end], strict);
            if found != Scan::Partial {
                return found;
            }
        }
        Scan::Partial
    }

    #[test]
    fn finds_the_end_at_once_and_byte_by_byte() {
        for (head, strict, want) in [
            (&b"GET / HTTP/1.1\r\nA: b\r\n\r\nx"[..], true, Scan::End(24)),
            (b"GET / HTTP/1.1\r\nA: b\r\n", true, Scan::Partial),
            (b"GET / HTTP/1.1\nA: b\n\n", true, Scan::BareLf),
            (b"HTTP/1.1 200 OK\nA: b\n\n", false, Scan::End(22)),
            (b"HTTP/1.1 200 OK\nA: b\n\r\n", false, Scan::End(23)),
        ] {
            assert_eq!(HeadScan::default().advance(head, strict), want);
            assert_eq!(scan_by_byte(head, strict), want);
        }
    }
}
