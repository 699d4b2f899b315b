//! The `gonogo` binary: nothing but a call into the library.

fn main() -> std::process::ExitCode {
    gonogo::cli::main()
}
