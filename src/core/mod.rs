//! The pure middle of the program: [`update`] turns events into effects and never waits.
//!
//! There is no clock, no randomness and no I/O here. Time and one fresh id arrive with every event; what is to be
//! done leaves as [`Effect`] values, which can be printed, compared and tested. [`State`] has three rooms:
//! [`Session`](session::Session), changed by applying journaled facts alone; [`World`](world::World), the newest that
//! adapters saw; [`Desk`](desk::Desk), what this operator has open. Nothing here knows how anything is drawn or sent.

pub mod desk;
pub mod effect;
pub mod elsewhere;
pub mod event;
pub mod goal;
pub mod judge;
pub mod rights;
pub mod session;
pub mod settings;
pub mod sheet;
pub mod stopbar;
pub mod tell;
mod update;
pub mod world;

pub use effect::Effect;
pub use event::{Event, Intent, Receipt, Stamped};
pub use update::update;

/// Everything that is known.
#[derive(Clone, Debug)]
pub struct State {
    /// What was given at the start and does not change.
    pub settings: settings::Settings,
    /// What the journal says.
    pub session: session::Session,
    /// What was seen.
    pub world: world::World,
    /// What this operator has open.
    pub desk: desk::Desk,
    /// The time of the newest event.
    pub now: crate::model::Time,
}

impl State {
    /// The state of a console that has seen nothing yet.
    #[must_use]
    pub fn new(
        settings: settings::Settings,
        author: crate::model::fact::Author,
        now: crate::model::Time,
    ) -> Self {
        let world = world::World::new(settings.scope.clone());
        let desk = desk::Desk { author, ..desk::Desk::default() };
        Self { settings, session: session::Session::default(), world, desk, now }
    }
}
