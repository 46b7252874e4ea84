//! What options come to.

use super::*;

fn long(name: &'static str, value: i64) -> (&'static str, OptionValue) {
    (name, OptionValue::Long(value))
}

fn server(options: &[(&str, OptionValue)]) -> Resolved<ServerConfig> {
    ServerConfig::resolve(options, 4).unwrap()
}

#[test]
fn nothing_said_gives_the_defaults() {
    let resolved = server(&[]);
    assert_eq!(
        resolved.config,
        ServerConfig { worker_num: 4, reactor_num: 4, ..ServerConfig::default() }
    );
    assert!(resolved.warnings.is_empty());
    let http = HttpClientConfig::resolve::<&str>(&[]).unwrap();
    assert_eq!(http.config, HttpClientConfig::default());
    let redis = RedisConfig::resolve::<&str>(&[]).unwrap();
    assert_eq!(redis.config, RedisConfig::default());
    let client = ClientConfig::resolve::<&str>(&[]).unwrap();
    assert_eq!(client.config, ClientConfig::default());
}

#[test]
fn what_is_said_holds() {
    let resolved = server(&[
        long("worker_num", 3),
        ("max_request", OptionValue::Str(b"1000".to_vec())),
        ("max_wait_time", OptionValue::Double(2.5)),
        long("max_connection", 5000),
        ("open_tcp_keepalive", OptionValue::Long(1)),
        long("tcp_keepidle", 10),
        long("socket_buffer_size", 0),
        ("pid_file", OptionValue::Str(b"/run/a.pid".to_vec())),
        ("log_file", OptionValue::Null),
    ]);
    assert!(resolved.warnings.is_empty(), "{:?}", resolved.warnings);
    let config = resolved.config;
    assert_eq!((config.worker_num, config.max_request), (3, 1000));
    assert_eq!(config.max_wait_time, Some(Duration::from_millis(2500)));
    assert_eq!(config.max_conn, Some(5000));
    assert!(config.open_tcp_keepalive);
    assert_eq!(config.keepalive.idle, Duration::from_secs(10));
    assert_eq!(config.socket_buffer_size, i32::MAX as usize);
    assert_eq!(config.pid_file.as_deref(), Some(&b"/run/a.pid"[..]));
    assert_eq!(config.log_file, None);
}

#[test]
fn io_threads_are_no_more_than_there_is_use_for() {
    let of = |options: &[(&'static str, OptionValue)]| server(options).config;
    assert_eq!(of(&[long("worker_num", 2)]).reactor_num, 2);
    assert_eq!(of(&[long("worker_num", 100), long("reactor_num", 50)]).reactor_num, 16);
    assert_eq!(of(&[long("reactor_num", 2)]).reactor_num, 2);
    let resolved = server(&[long("dispatch_mode", 6)]);
    assert_eq!(resolved.config.dispatch_mode, 2);
    assert!(resolved.warnings[0].contains("dispatch_func"), "{:?}", resolved.warnings);
    let refused = ServerConfig::resolve(&[long("dispatch_mode", 8)], 4).unwrap_err();
    assert!(refused.to_string().contains("dispatch_mode"), "{refused}");
}

#[test]
fn unknown_and_unbuilt_options_are_told() {
    let resolved = server(&[
        long("worker_numb", 2),
        long("frobnicate", 2),
        ("open_http2_protocol", OptionValue::Bool(true)),
        ("enable_coroutine", OptionValue::Bool(true)),
    ]);
    assert_eq!(
        resolved.warnings,
        [
            "unknown option \"worker_numb\", did you mean \"worker_num\"?",
            "unknown option \"frobnicate\"",
            "option \"open_http2_protocol\" is not implemented yet, it comes with HTTP/2; HTTP/1.1 \
             is spoken",
            "option \"enable_coroutine\" has no effect: this engine calls back, it has no \
             coroutines",
        ]
    );
}

#[test]
fn switching_off_what_is_not_built_is_no_mistake() {
    let resolved = server(&[
        ("open_http2_protocol", OptionValue::Bool(false)),
        ("enable_coroutine", OptionValue::Bool(false)),
    ]);
    assert!(resolved.warnings.is_empty());
}

#[test]
fn server_options_are_checked_against_each_other() {
    let resolved = server(&[
        long("worker_num", 1_000_000),
        long("max_conn", 10),
        long("package_max_length", 100),
        long("max_request_grace", 5),
        long("socket_buffer_size", 100_000),
        long("task_worker_num", 1_000_000),
        long("task_ipc_mode", 3),
    ]);
    assert_eq!(resolved.warnings.len(), 6, "{:?}", resolved.warnings);
    assert_eq!(resolved.config.worker_num, 4000);
    assert_eq!(resolved.config.task_worker_num, 4000);
    assert_eq!(resolved.config.task_ipc_mode, 1);
    assert_eq!(resolved.config.max_conn, None);
    assert_eq!(resolved.config.package_max_length, 65_536);
    assert_eq!(resolved.config.buffer_output_size, 100_000);
    assert_eq!(server(&[long("worker_num", -1)]).config.worker_num, 4);
    assert_eq!(server(&[long("worker_num", i64::MAX)]).config.worker_num, 4000);
}

#[test]
fn wrong_values_are_errors() {
    let error = |option| ServerConfig::resolve(&[option], 1).unwrap_err();
    assert_eq!(
        error(("worker_num", OptionValue::Str(b"many".to_vec()))),
        OptionError::Type("option \"worker_num\" must be of type int, string given".to_string())
    );
    assert_eq!(
        error(long("log_level", 9)),
        OptionError::Value("option \"log_level\" must be between 0 and 5, 9 given".into())
    );
    assert!(matches!(
        error(("pid_file", OptionValue::Str(b"a\0b".to_vec()))),
        OptionError::Value(_)
    ));
}

#[test]
fn an_http_client_has_the_options_of_a_client_too() {
    let resolved = HttpClientConfig::resolve(&[
        ("timeout", OptionValue::Double(3.0)),
        ("keep_alive", OptionValue::Bool(false)),
        ("bind_port", OptionValue::Long(70_000)),
        ("bind_address", OptionValue::Str(b"127.0.0.1".to_vec())),
        ("keepalive", OptionValue::Bool(true)),
    ])
    .unwrap();
    assert_eq!(resolved.warnings, ["unknown option \"keepalive\", did you mean \"keep_alive\"?"]);
    assert_eq!(resolved.config.timeout, Some(Duration::from_secs(3)));
    assert_eq!(resolved.config.client.connect_timeout, Some(Duration::from_secs(3)));
    assert_eq!(resolved.config.client.bind_port, 0);
    assert_eq!(resolved.config.client.bind_address.as_deref(), Some("127.0.0.1"));
    assert!(!resolved.config.keep_alive);

    let both =
        [("connect_timeout", OptionValue::Double(0.0)), ("timeout", OptionValue::Double(3.0))];
    let resolved = HttpClientConfig::resolve(&both).unwrap();
    assert_eq!(resolved.config.client.connect_timeout, None);

    let mask = |on| [("websocket_mask", OptionValue::Bool(on))];
    assert!(HttpClientConfig::resolve(&mask(true)).unwrap().warnings.is_empty());
    let warnings = HttpClientConfig::resolve(&mask(false)).unwrap().warnings;
    assert!(warnings.iter().any(|text| text.contains("can not be switched off")));
}

#[test]
fn a_client_has_no_timeout_option() {
    let resolved = ClientConfig::resolve(&[("timeout", OptionValue::Double(3.0))]).unwrap();
    assert_eq!(
        resolved.warnings,
        ["option \"timeout\" has no effect: the timeout is connect()'s third argument"]
    );
}

#[test]
fn redis_options() {
    let resolved = RedisConfig::resolve(&[
        ("password", OptionValue::Long(1234)),
        ("database", OptionValue::Str(b"2".to_vec())),
        ("timeout", OptionValue::Long(0)),
        ("read_timeout", OptionValue::Long(7)),
    ])
    .unwrap();
    assert!(resolved.warnings.is_empty());
    assert_eq!(resolved.config.password.as_deref(), Some(&b"1234"[..]));
    assert_eq!(resolved.config.database, Some(2));
    assert_eq!(resolved.config.timeout, None);
    assert_eq!(resolved.config.response_timeout, Some(Duration::from_secs(7)));
    let none = RedisConfig::resolve(&[("database", OptionValue::Long(-1))]).unwrap();
    assert_eq!(none.config.database, None);
    let long = [("password", OptionValue::Str(vec![b'x'; 256]))];
    assert!(RedisConfig::resolve(&long).is_err());
}
