use super::*;

fn user(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn every_role_finds_its_own_row_and_letters_tell_them_apart() {
    let mut letters = std::collections::BTreeSet::new();
    for row in &ROLES {
        assert_eq!(row.role.row(), row);
        assert_eq!(Role::parse(row.word), Some(row.role));
        assert!(letters.insert(row.letter), "{} shares its letter", row.word);
    }
}

#[test]
fn every_shipped_theme_defines_every_role() {
    for (name, _) in SHIPPED {
        Theme::load(name, &BTreeMap::new()).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn trouble_and_health_differ_in_every_theme_and_blue_stands_for_health_where_it_must() {
    for (name, _) in SHIPPED {
        let theme = Theme::load(name, &BTreeMap::new()).unwrap();
        assert_ne!(theme.style(Role::Good), theme.style(Role::Bad), "{name}");
        if name.starts_with("colour-blind") {
            let Some(Rgb(red, _, blue)) = theme.style(Role::Good).fg.and_then(Rgb::of) else {
                panic!("{name}")
            };
            assert!(blue > red, "{name}: healthy is blue");
            let Some(Rgb(red, _, blue)) = theme.style(Role::Bad).fg.and_then(Rgb::of) else {
                panic!("{name}")
            };
            assert!(red > blue, "{name}: trouble is orange");
        }
    }
}

/// The grounds on which a role's text can come to stand.
fn grounds(theme: &Theme, role: Role) -> Vec<Rgb> {
    let own = theme.style(role).bg.and_then(Rgb::of);
    let ground = |of: Role| theme.style(of).bg.and_then(Rgb::of);
    own.map_or_else(
        || [Role::Text, Role::Selected, Role::Sheet].into_iter().filter_map(ground).collect(),
        |own| vec![own],
    )
}

#[test]
fn high_contrast_keeps_seven_to_one_on_every_ground() {
    let theme = Theme::load("high-contrast", &BTreeMap::new()).unwrap();
    for row in &ROLES {
        let Some(ink) = theme.style(row.role).fg.and_then(Rgb::of) else { continue };
        for ground in grounds(&theme, row.role) {
            let ratio = contrast(ink, ground);
            assert!(ratio >= 7.0, "{} on {ground:?}: {ratio:.1}", row.word);
        }
    }
}

#[test]
fn dark_and_light_can_be_read_on_black_and_on_white() {
    for (name, ground) in [
        ("dark", Rgb(0, 0, 0)),
        ("colour-blind-dark", Rgb(0, 0, 0)),
        ("light", Rgb(255, 255, 255)),
        ("colour-blind-light", Rgb(255, 255, 255)),
    ] {
        let theme = Theme::load(name, &BTreeMap::new()).unwrap();
        for row in ROLES.iter().filter(|row| row.role != Role::Frame) {
            let style = theme.style(row.role);
            let Some(ink) = style.fg.and_then(Rgb::of) else { continue };
            let ratio = contrast(ink, style.bg.and_then(Rgb::of).unwrap_or(ground));
            assert!(ratio >= 4.5, "{name}: {}: {ratio:.1}", row.word);
        }
    }
}

#[test]
fn a_users_theme_inherits_and_overrides() {
    let files = user(&[(
        "mine",
        "inherits = \"dark\"\n[palette]\nx = \"#010203\"\n[roles]\ngood = { fg = \"x\", bold = true }\nstable = \"good\"",
    )]);
    let theme = Theme::load("mine", &files).unwrap();
    let good = Style::new().fg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::BOLD);
    assert_eq!(theme.style(Role::Good), good);
    assert_eq!(theme.style(Role::Stable), good);
    assert_eq!(theme.style(Role::Bad), Theme::shipped().style(Role::Bad));
}

#[test]
fn rings_are_found_among_themes_and_among_roles() {
    let files = user(&[("a", "inherits = \"b\""), ("b", "inherits = \"a\"")]);
    assert_eq!(Theme::load("a", &files), Err(ThemeError::Ring(["a", "b", "a"].map(str::to_owned).into())));
    let files = user(&[("a", "inherits = \"dark\"\n[roles]\ngood = \"stable\"\nstable = \"good\"")]);
    assert!(
        matches!(Theme::load("a", &files), Err(ThemeError::Ring(path)) if path.contains(&"good".to_owned()))
    );
}

#[test]
fn faults_are_located_and_say_what_to_write() {
    let load = |text| Theme::load("a", &user(&[("a", text)])).unwrap_err().to_string();
    assert_eq!(
        load("inherits = \"dark\"\n[roles]\ngod = { fg = \"red\" }"),
        "theme `a`: 3:1: there is no role `god` (did you mean `good`?)"
    );
    assert!(load("[palette]\nx = \"#12\"").contains("2:5: `x` is no colour"));
    assert!(load("[roles]\ngood = { fg = \"nope\" }").contains("there is no colour `nope`"));
    assert!(load("[roles]\ngood = { blink = true }").contains("`blink` is no part of a style"));
    assert!(load("[roles]\ngood = {}").contains("leaves roles without a style: text, dim"));
    assert!(
        Theme::load("nope", &BTreeMap::new()).unwrap_err().to_string().contains("shipped are dark, light")
    );
}

#[test]
fn fewer_colours_keep_the_marks() {
    let theme = Theme::shipped();
    let indexed = theme.clone().at(Depth::Indexed);
    assert!(matches!(indexed.style(Role::Good).fg, Some(Color::Indexed(_))));
    let sixteen = theme.clone().at(Depth::Sixteen);
    assert_eq!(sixteen.style(Role::Bad).fg, Some(Color::LightRed));
    assert_eq!(sixteen.style(Role::Good).fg, Some(Color::LightGreen));
    let none = theme.at(Depth::None);
    for row in &ROLES {
        let style = none.style(row.role);
        assert!(
            matches!(style.fg, None | Some(Color::Reset)) && matches!(style.bg, None | Some(Color::Reset))
        );
    }
    assert!(none.style(Role::Selected).add_modifier.contains(Modifier::REVERSED));
    assert!(none.style(Role::Stop).add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn the_environment_decides_the_depth() {
    assert_eq!(Depth::of_environment(Some("1"), Some("xterm"), Some("truecolor")), Depth::None);
    assert_eq!(Depth::of_environment(Some(""), Some("xterm"), Some("truecolor")), Depth::True);
    assert_eq!(Depth::of_environment(None, Some("screen-256color"), None), Depth::Indexed);
    assert_eq!(Depth::of_environment(None, Some("linux"), None), Depth::Sixteen);
    assert_eq!(Depth::of_environment(None, Some("dumb"), Some("truecolor")), Depth::None);
}
