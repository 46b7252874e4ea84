//! What a `Swoole\Http\Client` sends: the object's properties become a request, with its files.

use std::path::{Path, PathBuf};

use crate::{
    client::http::{Download, Transfer, UploadError},
    proto::{
        http1::{FORM, Multipart, OutgoingRequest},
        websocket::encode_key,
    },
    sys::random,
    zend::{
        Arg, Array, Call, ClassDef, Kind, Method, ObjRef, Thrown, Value, ZStr, array::Key, error,
        fence,
    },
};

use super::{
    http_client::{
        COOKIES, HOST, REQUEST_BODY, REQUEST_HEADERS, REQUEST_METHOD, UPLOAD_FILES, request,
    },
    settings::warn,
};

/// Adds the methods of uploads and downloads.
pub(super) fn methods(class: ClassDef) -> ClassDef {
    class
        .method(
            Method::new("addFile", add_file)
                .arg(Arg::new("path", "string"))
                .arg(Arg::new("name", "string"))
                .arg(Arg::new("type", "?string").default("null"))
                .arg(Arg::new("filename", "?string").default("null"))
                .arg(Arg::new("offset", "int").default("0"))
                .arg(Arg::new("length", "int").default("0"))
                .returns("bool"),
        )
        .method(
            Method::new("download", download)
                .arg(Arg::new("path", "string"))
                .arg(Arg::new("file", "string"))
                .arg(Arg::new("callback", "callable"))
                .arg(Arg::new("offset", "int").default("0"))
                .returns("bool"),
        )
}

/// What a method asks for beside what the object's properties say.
pub(super) struct Wanted {
    pub(super) path: ZStr,
    pub(super) method: Option<&'static str>,
    /// The body, instead of `requestBody`.
    pub(super) data: Option<Value>,
    /// Where the response's body goes.
    pub(super) download: Option<(ZStr, u64)>,
    /// It asks for WebSocket.
    pub(super) upgrade: bool,
}

/// A request that can be sent.
pub(super) struct Body {
    pub(super) request: OutgoingRequest,
    pub(super) transfer: Transfer,
}

/// Why none can be made of what was said.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    #[error("a body that is a string cannot be sent with files")]
    TextWithFiles,
    #[error("uploadFiles holds what addFile() did not put there")]
    UploadFiles,
    #[error("{0}: {1}")]
    File(String, UploadError),
}

impl Wanted {
    /// A call whose first argument is the path.
    pub(super) fn of(call: &Call<'_>, method: Option<&'static str>) -> Result<Wanted, Thrown> {
        let path = call.string(0)?;
        Ok(Wanted { path, method, data: None, download: None, upgrade: false })
    }

    /// What `downloadFile` says while the request is under way.
    pub(super) fn download_file(&self) -> Value {
        self.download.as_ref().map_or_else(Value::null, |(file, _)| file.clone().into())
    }

    /// Puts the request together. Runs PHP code where the properties hold objects.
    pub(super) fn build(
        self,
        me: &ObjRef,
        keep_alive: bool,
    ) -> Result<Result<Body, Unfit>, Thrown> {
        let data = self.data.unwrap_or_else(|| me.slot(REQUEST_BODY));
        let files = me.slot(UPLOAD_FILES).as_array().filter(|files| !files.is_empty());
        let chosen = me.slot(REQUEST_METHOD);
        let method = match (self.method, chosen.as_str()) {
            (Some(method), _) => method.as_bytes().to_vec(),
            (None, Some(method)) => method.to_vec(),
            (None, None) if data.is_null() && files.is_none() => b"GET".to_vec(),
            (None, None) => b"POST".to_vec(),
        };
        let mut request = OutgoingRequest {
            method,
            target: self.path.to_vec(),
            host: host(&me.slot(HOST)),
            headers: pairs(&me.slot(REQUEST_HEADERS))?,
            cookies: pairs(&me.slot(COOKIES))?,
            keep_alive,
            accept_gzip: true,
            upgrade: self.upgrade.then(|| encode_key(random::bytes())),
            ..OutgoingRequest::default()
        };
        let mut transfer = Transfer {
            download: self.download.map(|(file, offset)| Download { path: path(&file), offset }),
            ..Transfer::default()
        };
        match (data.kind(), files) {
            (Kind::Null, None) => {}
            (Kind::Array, None) => {
                request.body = urlencode(data)?;
                request.content_type = Some(FORM.to_vec());
            }
            (Kind::Null | Kind::Array, Some(files)) => {
                let fields = if data.is_null() { Vec::new() } else { urlencode(data)? };
                match put_parts(&mut transfer, &fields, &files) {
                    Ok(kind) => {
                        // Without the boundary that is in ours nobody could read it.
                        let own = |(name, _): &(Vec<u8>, Vec<u8>)| {
                            !name.eq_ignore_ascii_case(b"content-type")
                        };
                        request.headers.retain(own);
                        request.content_type = Some(kind.into_bytes());
                    }
                    Err(why) => return Ok(Err(why)),
                }
                request.following = transfer.upload.len();
            }
            (
                Kind::Bool | Kind::Long | Kind::Double | Kind::Str | Kind::Object | Kind::Resource,
                None,
            ) => request.body = data.to_zstr()?.to_vec(),
            (_, Some(_)) => return Ok(Err(Unfit::TextWithFiles)),
        }
        Ok(Ok(Body { request, transfer }))
    }
}

fn add_file(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 6)?;
    let (file, name) = (call.string(0)?, call.string(1)?);
    let (kind, shown) = (call.opt_string(2)?, call.opt_string(3)?);
    let (offset, length) = (call.long_or(4, 0)?, call.long_or(5, 0)?);
    call.ret_bool(false);
    let me = call.this_object()?;
    let found = path(&file);
    let length = match part(&found, offset, length) {
        Ok(length) => length,
        Err(why) => {
            return warn(&format!("Unable to add the file '{}': {why}", found.display()));
        }
    };
    let kind = kind.unwrap_or_else(|| {
        let kind = mime_guess::from_path(&found).first_raw().unwrap_or(UNKNOWN_TYPE);
        ZStr::from_bytes(kind.as_bytes())
    });
    let shown = shown.unwrap_or_else(|| {
        let name = found.file_name().map_or(&b""[..], |name| name.as_encoded_bytes());
        ZStr::from_bytes(name)
    });
    let mut entry = Array::new(6);
    entry.insert(b"path", file);
    entry.insert(b"name", name);
    entry.insert(b"filename", shown);
    entry.insert(b"type", kind);
    entry.insert(b"size", length);
    entry.insert(b"offset", offset);
    let mut files = me.slot(UPLOAD_FILES).as_array().unwrap_or_else(|| Array::new(1));
    files.push(entry.into());
    me.set_slot(UPLOAD_FILES, files);
    call.ret_bool(true);
    Ok(())
}

fn download(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(3, 4)?;
    let file = call.string(1)?;
    let offset = call.long_or(3, 0)?;
    let callback = call.callable(2)?;
    if file.is_empty() || file.contains(&0) {
        let text = "must be the name of a file";
        return Err(error::throw_argument_value_error(1, text));
    }
    let Ok(offset) = u64::try_from(offset) else {
        return Err(error::throw_argument_value_error(3, "must be 0 or greater"));
    };
    let wanted = Wanted { download: Some((file, offset)), ..Wanted::of(call, Some("GET"))? };
    request(call, wanted, callback)
}

/// Bytes of a part of a file: `length`, or for 0 all from `offset` on. `Err` says why there are none.
fn part(file: &Path, offset: i64, length: i64) -> Result<i64, String> {
    let found = file.metadata().map_err(|error| error.to_string())?;
    if !found.is_file() {
        return Err("it is no regular file".to_owned());
    }
    if found.len() == 0 {
        return Err("it is empty".to_owned());
    }
    let size = i64::try_from(found.len()).unwrap_or(i64::MAX);
    if offset < 0 || offset >= size || length < 0 || length > size - offset {
        return Err(format!("offset {offset} and length {length} are not within {size} bytes"));
    }
    Ok(if length == 0 { size - offset } else { length })
}

/// Makes a form in parts of urlencoded fields and of what `addFile()` has collected; its media type.
fn put_parts(transfer: &mut Transfer, fields: &[u8], files: &Array) -> Result<String, Unfit> {
    let mut form = Multipart::new(random::bytes());
    for field in fields.split(|&byte| byte == b'&').filter(|field| !field.is_empty()) {
        let mut halves = field.splitn(2, |&byte| byte == b'=').map(urldecode);
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        form.field(&name, &value);
    }
    for entry in files.values() {
        let entry = entry.as_array().ok_or(Unfit::UploadFiles)?;
        let text = |key: &[u8]| entry.get(key).and_then(|value| value.as_zstr());
        let number = |key: &[u8]| {
            entry.get(key).and_then(|value| value.as_long()).and_then(|n| u64::try_from(n).ok())
        };
        let (Some(file), Some(name), Some(shown), Some(kind), Some(size), Some(offset)) = (
            text(b"path"),
            text(b"name"),
            text(b"filename"),
            text(b"type"),
            number(b"size"),
            number(b"offset"),
        ) else {
            return Err(Unfit::UploadFiles);
        };
        form.file_head(&name, &shown, &kind);
        transfer.upload.bytes(form.take());
        let file = path(&file);
        let added = transfer.upload.file(&file, offset, size);
        added.map_err(|why| Unfit::File(file.display().to_string(), why))?;
    }
    form.end();
    transfer.upload.bytes(form.take());
    Ok(form.content_type())
}

/// An array as PHP's `http_build_query()` writes it: nested names flat, booleans as 0 and 1.
fn urlencode(data: Value) -> Result<Vec<u8>, Thrown> {
    let query = fence::call_function("http_build_query", &[data]).into_result()?;
    Ok(query.as_str().unwrap_or_default().to_vec())
}

/// Takes back what [`urlencode`] has done to a name or a value.
fn urldecode(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

/// The host as the `Host` field wants it, without the port as the classic client sent it.
fn host(host: &Value) -> Vec<u8> {
    let host = host.as_str().unwrap_or_default();
    if host.starts_with(b"unix:") {
        return b"localhost".to_vec();
    }
    if host.contains(&b':') && !host.starts_with(b"[") {
        return [b"[", host, b"]"].concat();
    }
    host.to_vec()
}

fn path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// The elements of an array, keys and values as text.
fn pairs(array: &Value) -> Result<Pairs, Thrown> {
    let Some(array) = array.as_array() else { return Ok(Vec::new()) };
    let mut pairs = Vec::with_capacity(array.len());
    for (key, value) in array.iter() {
        if let Some(name) = key.as_str() {
            pairs.push((name.to_vec(), value.to_zstr()?.to_vec()));
        } else if let Key::Index(name) = key {
            pairs.push((name.to_string().into_bytes(), value.to_zstr()?.to_vec()));
        }
    }
    Ok(pairs)
}

/// The media type of bytes of which nothing is known.
const UNKNOWN_TYPE: &str = "application/octet-stream";
