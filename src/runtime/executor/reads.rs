//! Reads on demand.

use super::Adapters;
use crate::cluster::ReadError;
use crate::core::Receipt;
use crate::core::event::DocumentOf;
use crate::core::sheet::SheetId;
use crate::model::access::AccessQuery;
use crate::model::observation::Observation;
use crate::model::outline::{Refusal, RefusalKind};
use crate::model::target::Target;
use crate::model::template::TemplateKey;
use crate::model::text::Text;
use crate::runtime::tasks;

/// Reads a workload in full, past every watch.
pub(super) fn read_back(adapters: Adapters, sheet: SheetId, target: Target) {
    tasks::spawn(async move {
        let result = match adapters.cluster.workload(&target).await {
            Ok(workload) => Ok(workload),
            Err(error) => Err(refusal(&error)),
        };
        adapters.inbox.receipt(Receipt::ReadBack { sheet, result });
    });
}

fn refusal(error: &ReadError) -> Refusal {
    let kind = match error {
        ReadError::NotFound { .. } => RefusalKind::Changed,
        ReadError::Forbidden { .. } => RefusalKind::Permission,
        ReadError::Failed { .. } => RefusalKind::Stale,
    };
    Refusal::new(kind, error.to_string())
}

/// Asks whether something is permitted. Without an answer nothing is reported: the act itself will tell.
pub(super) fn review(adapters: Adapters, query: AccessQuery) {
    tasks::spawn(async move {
        match adapters.cluster.review(&query).await {
            Ok(answer) => adapters.inbox.observe(Observation::Access { query, answer }),
            Err(why) => tracing::warn!(%query, %why, "the right could not be asked for"),
        }
    });
}

/// Reads whole templates; what could not be read is asked for again by whoever needs it.
pub(super) fn templates(adapters: Adapters, target: Target, keys: Vec<TemplateKey>) {
    tasks::spawn(async move {
        match adapters.cluster.templates(&target, &keys).await {
            Ok(found) => adapters.inbox.observe(Observation::Templates { target, found }),
            Err(error) => tracing::warn!(%target, %error, "templates could not be read"),
        }
    });
}

/// Reads a document for the screen; an error is shown in its place.
pub(super) fn document(adapters: Adapters, of: DocumentOf) {
    tasks::spawn(async move {
        let (title, read) = match of {
            DocumentOf::Workload(target) => {
                (format!("{target} in {}", target.namespace), adapters.cluster.document(&target).await)
            }
            DocumentOf::Pod { namespace, name } => {
                (format!("Pod/{name} in {namespace}"), adapters.cluster.pod_document(&namespace, &name).await)
            }
        };
        let lines = read.unwrap_or_else(|error| vec![Text::clean(&error.to_string())]);
        adapters.inbox.observe(Observation::Document { title: title.into(), lines });
    });
}
