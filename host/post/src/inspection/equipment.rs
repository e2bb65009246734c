//! What an inspection works with: the readers of pages and faces, and the list. Each may be absent, and
//! then says why in words.

use super::conversation::ChipDesk;
use super::trust::BoxTrust;
use super::{BoxCalibration, Clearances, Standing};
use crate::devices::{ChipReader, Tesseract};
use crate::state::StateDir;
use crate::sync::{self, LivePolicy, RoleAge, models_that_came};
use chip::TrustStore;
use jiff::Timestamp;
use jiff::civil::Date;
use models::face::{FaceDetector, FaceEngine, FaceView};
use models::zone::ZoneReader;
use models::{Folder, ModelError};
use page::{FaceFinder, FacesUnavailable, LineReader, Picture, Rect, VisualReader};
use rules::{BundleRole, Policy};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use store::editions;
use watchlist::Edition;

/// Something that describes faces so that two can be compared. The learned models implement it.
pub trait FaceMatcher: FaceFinder {
    /// What is in a picture, with the template of the face that is meant.
    ///
    /// # Errors
    /// [`ModelError`] where the network broke off.
    fn view(&self, picture: &Picture) -> Result<FaceView, ModelError>;
}

impl FaceMatcher for FaceEngine {
    fn view(&self, picture: &Picture) -> Result<FaceView, ModelError> {
        Self::view(self, picture)
    }
}

/// Something that knows whether the box may work: its lease.
pub trait Lock: Send + Sync {
    /// Whether it may not, at this moment. What cannot be read is no leave to work.
    fn is_locked(&self, now: Timestamp) -> bool;

    /// The newest time that the box can be sure of, where it is sure of any: a clock that shows less has lost the time.
    fn not_before(&self) -> Option<Timestamp>;
}

/// A tool, or why it is not there.
pub type Tool<T> = Result<T, String>;

/// Everything that the stages work with.
pub struct Equipment {
    reader: Tool<Box<dyn LineReader>>,
    matcher: Tool<Box<dyn FaceMatcher>>,
    /// What finds faces where the matcher does not.
    finder: Box<dyn FaceFinder>,
    visual: Option<Box<dyn VisualReader>>,
    list: List,
    trust: BoxTrust,
    chip_desk: Option<ChipDesk>,
    policy: LivePolicy,
    /// Asked before each search: a locked box says nothing of its list.
    lock: Option<Arc<dyn Lock>>,
    clearances: Option<Arc<dyn Clearances>>,
    calibration: Option<BoxCalibration>,
}

/// Stands in for the face finder where there is none: says why.
struct NoFaces(String);

impl FaceFinder for NoFaces {
    fn faces(&self, _: &Picture) -> Result<Vec<Rect>, FacesUnavailable> {
        Err(FacesUnavailable(self.0.clone()))
    }
}

/// The face detector alone, loaded when the first page is read.
struct FacesWhenAsked {
    models: Option<PathBuf>,
    loaded: OnceLock<Tool<FaceDetector>>,
}

impl FaceFinder for FacesWhenAsked {
    fn faces(&self, picture: &Picture) -> Result<Vec<Rect>, FacesUnavailable> {
        let loaded = self.loaded.get_or_init(|| {
            Folder::resolve(self.models.as_deref())
                .and_then(|folder| FaceDetector::load(&folder))
                .map_err(|e| e.to_string())
        });
        match loaded {
            Ok(detector) => detector.faces(picture),
            Err(why) => Err(FacesUnavailable(why.clone())),
        }
    }
}

/// The models of a box: those that headquarters sent to `state`, where a card names them, and those that lie in
/// `models` or where [`Folder::locate`] says.
///
/// # Errors
/// [`ModelError`] where one is not as it must be.
pub fn models_of_box(models: Option<&Path>, state: Option<&Path>) -> Result<Folder, ModelError> {
    let folder = Folder::at(&Folder::locate(models));
    match state {
        Some(state) => folder.with_came(&models_that_came(state)),
        None => folder,
    }
    .whole()
}

/// The active edition, opened again whenever another has been activated.
struct List {
    state: Option<PathBuf>,
    opened: RwLock<Option<(PathBuf, Arc<Edition>)>>,
}

impl Equipment {
    /// The box's own: models from `models`, the list from `state` where one is given.
    #[must_use]
    pub fn of_box(models: Option<&Path>, state: Option<&Path>) -> Self {
        let matcher = models_of_box(models, state)
            .and_then(|folder| FaceEngine::load(&folder))
            .map(|m| Box::new(m) as Box<dyn FaceMatcher>)
            .map_err(|e| e.to_string());
        Self::under(zone_reader(), matcher, state, policy_of(state))
            .with_visual_reader(Box::new(Tesseract::default()))
    }

    /// What reads pages, without a face matcher and a list.
    #[must_use]
    pub fn of_page(models: Option<&Path>) -> Self {
        let unasked = Err("not asked for".to_owned());
        let finder = FacesWhenAsked {
            models: models.map(Path::to_owned),
            loaded: OnceLock::new(),
        };
        Self {
            finder: Box::new(finder),
            ..Self::new(zone_reader(), unasked, None, Policy::default())
        }
        .with_visual_reader(Box::new(Tesseract::default()))
    }

    /// The same believing these country signers.
    #[must_use]
    pub fn with_trust(mut self, trust: TrustStore) -> Self {
        self.trust = BoxTrust::given(trust);
        self
    }

    /// The same with a reader for chips, in whose field the document lies.
    #[must_use]
    pub fn with_chip_reader(mut self, reader: Arc<dyn ChipReader>) -> Self {
        if let Err(error) = chip::prepare() {
            tracing::warn!("chips will not open: {error}");
        }
        self.chip_desk = Some(ChipDesk::of(reader));
        self
    }

    /// The same searching nothing while the box is locked.
    #[must_use]
    pub fn with_lock(mut self, lock: Arc<dyn Lock>) -> Self {
        self.lock = Some(lock);
        self
    }

    /// The same remembering what officers have said of travellers and entries.
    #[must_use]
    pub fn with_clearances(mut self, clearances: Arc<dyn Clearances>) -> Self {
        self.clearances = Some(clearances);
        self
    }

    /// The list alone, for searching without pictures.
    #[must_use]
    pub fn of_list(state: &Path) -> Self {
        let unasked = || "not asked for".to_owned();
        let policy = policy_of(Some(state));
        Self::under(Err(unasked()), Err(unasked()), Some(state), policy)
    }

    /// The same with a reader of running text, so that the visual zone is compared with the printed one.
    #[must_use]
    pub fn with_visual_reader(mut self, reader: Box<dyn VisualReader>) -> Self {
        self.visual = Some(reader);
        self
    }

    /// Equipment of these parts, without a reader of running text.
    #[must_use]
    pub fn new(
        reader: Tool<Box<dyn LineReader>>,
        matcher: Tool<Box<dyn FaceMatcher>>,
        state: Option<&Path>,
        policy: Policy,
    ) -> Self {
        Self::under(reader, matcher, state, LivePolicy::given(policy))
    }

    fn under(
        reader: Tool<Box<dyn LineReader>>,
        matcher: Tool<Box<dyn FaceMatcher>>,
        state: Option<&Path>,
        policy: LivePolicy,
    ) -> Self {
        let finder = NoFaces(matcher.as_ref().err().cloned().unwrap_or_default());
        Self {
            reader,
            matcher,
            finder: Box::new(finder),
            visual: None,
            list: List {
                state: state.map(Path::to_owned),
                opened: RwLock::new(None),
            },
            trust: state.map(BoxTrust::of_box).unwrap_or_default(),
            chip_desk: None,
            policy,
            lock: None,
            clearances: None,
            calibration: state.map(BoxCalibration::of_state),
        }
    }

    /// The zone reader.
    ///
    /// # Errors
    /// Why there is none.
    pub fn reader(&self) -> Result<&dyn LineReader, &str> {
        self.reader.as_deref().map_err(String::as_str)
    }

    /// The face matcher.
    ///
    /// # Errors
    /// Why there is none.
    pub fn matcher(&self) -> Result<&dyn FaceMatcher, &str> {
        self.matcher.as_deref().map_err(String::as_str)
    }

    /// Something to find faces with: the matcher, a detector, or one that says why there is none.
    #[must_use]
    pub fn faces(&self) -> &dyn FaceFinder {
        match &self.matcher {
            Ok(matcher) => matcher.as_ref(),
            Err(_) => self.finder.as_ref(),
        }
    }

    /// The reader of running text; `None` where the visual zone is not asked about.
    #[must_use]
    pub fn visual_reader(&self) -> Option<&dyn VisualReader> {
        self.visual.as_deref()
    }

    /// The active edition of the list.
    ///
    /// # Errors
    /// Why there is none.
    pub fn edition(&self) -> Tool<Arc<Edition>> {
        self.list.active()
    }

    /// The country signers that are believed; none where no list of them is on the box.
    #[must_use]
    pub fn trust(&self, today: Date) -> Arc<TrustStore> {
        self.trust.today(today)
    }

    /// Whether this box has a reader for chips.
    #[must_use]
    pub fn reads_chips(&self) -> bool {
        self.chip_desk.is_some()
    }

    /// Whether the reader for chips answers, chip or none; `None` where this box has none. Comes back in seconds
    /// also where the reader hangs.
    #[must_use]
    pub fn chip_reader_answers(&self) -> Option<bool> {
        self.chip_desk.as_ref().map(ChipDesk::is_there)
    }

    pub(super) fn chip_desk(&self) -> Option<&ChipDesk> {
        self.chip_desk.as_ref()
    }

    /// Whether the box is locked at this moment: then its list is closed.
    #[must_use]
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.lock.as_ref().is_some_and(|lock| lock.is_locked(now))
    }

    /// How what headquarters sends stands at this moment, role by role; a role of which nothing came is left out, and so
    /// are those of chips where it was given other lists to believe. A clock that was set back makes nothing younger.
    #[must_use]
    pub fn ages(&self, now: Timestamp) -> Vec<RoleAge> {
        let Some(state) = &self.list.state else {
            return Vec::new();
        };
        let now = self
            .lock
            .as_ref()
            .and_then(|lock| lock.not_before())
            .map_or(now, |floor| now.max(floor));
        let edition = self.edition().ok();
        let list = edition.as_ref().map(|edition| edition.info());
        let mut ages = sync::ages(&StateDir::new(state), list, &self.policy(), now);
        if self.trust.is_given() {
            ages.retain(|of| {
                let of_chips = [BundleRole::Trust, BundleRole::Crl, BundleRole::Defects];
                !of_chips.contains(&of.role)
            });
        }
        ages
    }

    /// What officers have said of travellers and entries; `None` where nothing is remembered.
    #[must_use]
    pub fn clearances(&self) -> Option<&dyn Clearances> {
        self.clearances.as_deref()
    }

    /// The box's calibration; `None` where there is no box, only pictures.
    #[must_use]
    pub fn calibration(&self) -> Option<&BoxCalibration> {
        self.calibration.as_ref()
    }

    /// How far the box's profile is to be relied on at this moment.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        self.calibration
            .as_ref()
            .map_or(Standing::Uncalibrated, |c| c.standing(now))
    }

    /// The policy in force at this moment.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.now()
    }
}

fn policy_of(state: Option<&Path>) -> LivePolicy {
    state.map_or_else(|| LivePolicy::given(Policy::default()), LivePolicy::of_box)
}

fn zone_reader() -> Tool<Box<dyn LineReader>> {
    ZoneReader::load()
        .map(|r| Box::new(r) as Box<dyn LineReader>)
        .map_err(|e| e.to_string())
}

impl std::fmt::Debug for Equipment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Equipment")
            .field("reader", &self.reader.as_ref().map(|_| "there"))
            .field("matcher", &self.matcher.as_ref().map(|_| "there"))
            .field("list", &self.list.state)
            .finish()
    }
}

impl List {
    fn active(&self) -> Tool<Arc<Edition>> {
        let none = || "no edition of the list is on this box".to_owned();
        let state = self.state.as_deref().ok_or_else(none)?;
        let dir = editions::active(state)
            .map_err(|e| e.to_string())?
            .ok_or_else(none)?
            .folder;
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, edition)) = opened.as_ref()
            && *of == dir
        {
            return Ok(Arc::clone(edition));
        }
        drop(opened);
        let edition = Arc::new(Edition::open(&dir).map_err(|e| e.to_string())?);
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) =
            Some((dir, Arc::clone(&edition)));
        Ok(edition)
    }
}
