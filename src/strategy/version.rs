//! What people call a version.

use crate::model::template::TemplateSummary;
use crate::model::text::Text;

/// Tag of the first container image that differs from `other`; else label `app.kubernetes.io/version`; else the tag of
/// the first image. A digest is shown by its first 8 characters.
#[must_use]
pub fn version_name(own: &TemplateSummary, other: Option<&TemplateSummary>) -> Text {
    let differing = other.and_then(|other| {
        own.images.iter().find(|c| !other.images.iter().any(|o| o.name == c.name && o.image == c.image))
    });
    if let Some(container) = differing {
        return tag(&container.image);
    }
    if let Some(label) = &own.version_label {
        return Text::clean(label);
    }
    own.images.first().map_or_else(|| Text::clean("?"), |container| tag(&container.image))
}

/// The tag of an image reference, or the beginning of its digest.
fn tag(image: &str) -> Text {
    const DIGEST_CHARACTERS: usize = 8;
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let last = name.rsplit('/').next().unwrap_or(name);
    match (last.split_once(':'), digest) {
        (Some((_, tag)), _) => Text::clean(tag),
        (None, Some(digest)) => {
            let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
            Text::clean(&hex.chars().take(DIGEST_CHARACTERS).collect::<String>())
        }
        (None, None) => Text::clean("latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::template::ContainerImage;

    fn summary(images: &[(&str, &str)], label: Option<&str>) -> TemplateSummary {
        let images = images
            .iter()
            .map(|(name, image)| ContainerImage { name: (*name).into(), image: (*image).into() })
            .collect();
        TemplateSummary { images, version_label: label.map(String::from), ..TemplateSummary::default() }
    }

    #[test]
    fn the_tag_of_what_differs_names_the_version() {
        let old = summary(&[("proxy", "envoy:1.30"), ("main", "shop/api:1.8.2")], Some("1.8"));
        let new = summary(&[("proxy", "envoy:1.30"), ("main", "shop/api:1.8.3")], Some("1.8"));
        assert_eq!(version_name(&new, Some(&old)).as_str(), "1.8.3");
        assert_eq!(version_name(&old, Some(&old)).as_str(), "1.8");
    }

    #[test]
    fn ports_digests_and_bare_names_are_told_apart() {
        for (image, name) in [
            ("host.example.com:5000/shop/api:v2", "v2"),
            ("host.example.com:5000/shop/api", "latest"),
            ("shop/api@sha256:0123456789abcdef", "01234567"),
            ("shop/api:v2@sha256:0123456789abcdef", "v2"),
        ] {
            assert_eq!(version_name(&summary(&[("main", image)], None), None).as_str(), name);
        }
    }
}
