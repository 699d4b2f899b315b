//! Serves a scenario for use by hand: `cargo run --example sim -- [SCENARIO] [PORT]`.

use gonogo::sim::{ScenarioName, SimServer, StartOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let scenario: ScenarioName = arguments.next().map_or(Ok(ScenarioName::default()), |word| word.parse())?;
    let listen = arguments.next().map_or(Ok(0), |port| port.parse())?;
    #[expect(clippy::disallowed_methods, reason = "a program at the edge reads the clock")]
    let now = chrono::Utc::now();
    let server = SimServer::start(scenario, StartOptions { listen, ..StartOptions::at(now) }).await?;
    println!("kubernetes {}\nprometheus {}", server.url(), server.prometheus_url());
    tokio::signal::ctrl_c().await?;
    server.shutdown().await;
    Ok(())
}
