//! Tests of the whole relay over real sockets. It runs in this process or as a program, on free ports.
//!
//! One executable, because each links the whole relay. The tests run at the same time in one process:
//! a test that measures or changes its own process belongs in `tests/alone`.
#![allow(clippy::wildcard_enum_match_arm, reason = "what a test does not expect fails it")]

#[cfg_attr(not(unix), allow(dead_code, reason = "the tests of programs use the rest"))]
mod support;

mod bridge;
#[cfg(unix)]
mod challenge;
mod class;
#[cfg(unix)]
mod clients;
#[cfg(unix)]
mod command_line;
#[cfg(unix)]
mod deploy;
#[cfg(target_os = "linux")]
mod descriptors;
#[cfg(unix)]
mod doctor;
mod examples;
#[cfg(unix)]
mod health;
mod hostile;
mod http;
mod http_connections;
#[cfg(unix)]
mod lab;
#[cfg(target_os = "linux")]
mod lesson_command;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod look_ups;
#[cfg(target_os = "linux")]
mod memory;
mod metrics;
#[cfg(target_os = "linux")]
mod pairs;
mod plain_server;
mod recording;
#[cfg(target_os = "linux")]
mod run_command;
#[cfg(unix)]
mod service;
mod tcp_server;
#[cfg(unix)]
mod tls;
mod token;
#[cfg(target_os = "linux")]
mod watch;
#[cfg(target_os = "linux")]
mod wine;
#[cfg(target_os = "linux")]
mod worker;
