//! What an image does when it runs, told by words in its name.

/// How a container of an image behaves from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Becomes ready after a moment and stays so.
    Healthy,
    /// Becomes ready after 15 s.
    SlowStart,
    /// Runs and never becomes ready.
    NeverReady,
    /// Cannot be pulled.
    ImagePull,
    /// Exits with code 1 soon after each start.
    Crash,
    /// Is killed for its memory soon after each start.
    OutOfMemory,
}

impl Behaviour {
    /// The behaviour of `image`.
    pub(crate) fn of(image: &str) -> Self {
        const WORDS: [(&str, Behaviour); 5] = [
            ("imagepull", Behaviour::ImagePull),
            ("crash", Behaviour::Crash),
            ("never", Behaviour::NeverReady),
            ("oom", Behaviour::OutOfMemory),
            ("slow", Behaviour::SlowStart),
        ];
        let name = image.replace("slowresp", "");
        WORDS.iter().find(|(word, _)| name.contains(word)).map_or(Self::Healthy, |(_, behaviour)| *behaviour)
    }
}

/// How an image answers requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Service {
    /// Share of requests answered with 5xx.
    pub(crate) error_share: f64,
    /// Factor on the workload's usual latency.
    pub(crate) latency_factor: f64,
}

impl Service {
    /// The service that `image` gives: `bad` fails 5 % of the requests, `slowresp` takes four times as long.
    pub(crate) fn of(image: &str) -> Self {
        Self {
            error_share: if image.contains("bad") { 0.05 } else { 0.0004 },
            latency_factor: if image.contains("slowresp") { 4.0 } else { 1.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Behaviour, Service};

    #[test]
    fn words_in_the_image_name_decide() {
        assert_eq!(Behaviour::of("shop/api:1.4.2"), Behaviour::Healthy);
        assert_eq!(Behaviour::of("shop/api:1.5.0-slow"), Behaviour::SlowStart);
        assert_eq!(Behaviour::of("shop/api:1.5.0-slowresp"), Behaviour::Healthy);
        assert!(Service::of("shop/api:1.5.0-slowresp").latency_factor > 1.0);
        assert!(Service::of("shop/api:bad").error_share > 0.01);
    }
}
