//! Forms in parts (RFC 7578).

use bytes::{Bytes, BytesMut};

use super::fields::is_field_value;

/// Writes a form: [`field`](Self::field) and [`file_head`](Self::file_head) in any order, what they
/// give taken by [`take`](Self::take), [`end`](Self::end) last.
#[derive(Debug)]
pub struct Multipart {
    boundary: String,
    out: BytesMut,
    /// The bytes of a file stand before what comes next.
    after_file: bool,
}

impl Multipart {
    /// A form whose boundary is made of `random`, which no part may be able to foresee.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Multipart {
        let boundary = format!("----TetherForm{:032x}", u128::from_ne_bytes(random));
        Multipart { boundary, out: BytesMut::new(), after_file: false }
    }

    /// The media type, for `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// A field and its value.
    pub fn field(&mut self, name: &[u8], value: &[u8]) {
        self.open(name);
        self.put(b"\r\n\r\n");
        self.put(value);
        self.put(b"\r\n");
    }

    /// All of a file but its bytes, which the caller sends next. A `kind` that no field can hold is
    /// sent as `application/octet-stream`.
    pub fn file_head(&mut self, name: &[u8], file: &[u8], kind: &[u8]) {
        self.open(name);
        self.put(b"; filename=\"");
        self.put_quoted(file);
        self.put(b"\"\r\nContent-Type: ");
        let fits = !kind.is_empty() && is_field_value(kind);
        self.put(if fits { kind } else { b"application/octet-stream" });
        self.put(b"\r\n\r\n");
        self.after_file = true;
    }

    /// The closing boundary.
    pub fn end(&mut self) {
        self.boundary();
        self.put(b"--\r\n");
    }

    /// What was written since.
    pub fn take(&mut self) -> Bytes {
        self.out.split().freeze()
    }

    fn open(&mut self, name: &[u8]) {
        self.boundary();
        self.put(b"\r\nContent-Disposition: form-data; name=\"");
        self.put_quoted(name);
        self.put(b"\"");
    }

    fn boundary(&mut self) {
        if std::mem::take(&mut self.after_file) {
            self.put(b"\r\n");
        }
        self.put(b"--");
        self.out.extend_from_slice(self.boundary.as_bytes());
    }

    /// A name in its quotes, with what would end them or the line as browsers send it.
    fn put_quoted(&mut self, name: &[u8]) {
        for &byte in name {
            match byte {
                b'"' => self.put(b"%22"),
                b'\r' => self.put(b"%0D"),
                b'\n' => self.put(b"%0A"),
                0 => self.put(b"%00"),
                _ => self.put(&[byte]),
            }
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_files_in_any_order() {
        let mut form = Multipart::new([0; 16]);
        let boundary = "----TetherForm00000000000000000000000000000000";
        assert_eq!(form.content_type(), format!("multipart/form-data; boundary={boundary}"));
        form.file_head(b"f", b"a\"b\r\n.txt", b"text/plain");
        let first = form.take();
        form.field(b"x[y]", b"1");
        form.file_head(b"g", b"b.bin", b"text/x\r\nEvil: yes");
        let second = form.take();
        form.end();
        let last = form.take();
        let wire = [&first[..], b"FILE", &second, b"OTHER", &last].concat();
        assert_eq!(
            String::from_utf8(wire).unwrap().replace(boundary, "B"),
            "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a%22b%0D%0A.txt\"\r\n\
             Content-Type: text/plain\r\n\r\nFILE\r\n\
             --B\r\nContent-Disposition: form-data; name=\"x[y]\"\r\n\r\n1\r\n\
             --B\r\nContent-Disposition: form-data; name=\"g\"; filename=\"b.bin\"\r\n\
             Content-Type: application/octet-stream\r\n\r\nOTHER\r\n--B--\r\n"
        );
    }
}
