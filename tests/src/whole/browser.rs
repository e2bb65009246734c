//! A real browser at the desk: headless Chromium through its WebDriver, worked as an officer would, with the
//! accessibility checker axe-core run on what she sees.

use super::WholeError;
use super::programs::Running;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;
use tokio::runtime::Runtime;

/// How long something may take to appear: a loaded machine inspects in seconds.
const PATIENCE: Duration = Duration::from_secs(40);
/// Where the tests' set-up puts axe-core; see `tests/run.sh`.
const AXE: &str = "mpaka/tests/axe.min.js";

/// Whether pages may run script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// As the desk is meant to be used.
    On,
    /// As it must still work.
    Off,
}

/// What axe-core found that hurts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// `serious` or `critical`.
    pub impact: String,
    /// The first element at fault, as HTML.
    pub element: String,
}

/// A browser window with one tab.
pub struct Browser {
    runtime: Runtime,
    driver: WebDriver,
    axe: Option<String>,
    shots: Option<PathBuf>,
    url: String,
    _chromedriver: Running,
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Browser({})", self.url)
    }
}

/// The port of a chromedriver that says it has started.
fn started_on(said: &str) -> Option<u16> {
    let (_, port) = said.split_once("started successfully on port ")?;
    // Its full stop ends the number: without it the line is not yet whole.
    port.split_once('.')?.0.parse().ok()
}

fn failed(what: impl Into<String>) -> impl FnOnce(WebDriverError) -> WholeError {
    let request = what.into();
    move |source| WholeError::Unreachable {
        request,
        source: source.into(),
    }
}

impl Browser {
    /// A browser at the desk of this address; `None`, said aloud, where Chromium or its driver is absent.
    ///
    /// # Errors
    /// [`WholeError`] where it is there and does not start.
    pub fn open(url: &str, script: Script) -> Result<Option<Self>, WholeError> {
        for program in ["chromedriver", "chromium"] {
            let there = Command::new(program)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            if !there.is_ok_and(|s| s.success()) {
                eprintln!("skipped: {program} is not on this machine");
                return Ok(None);
            }
        }
        // It takes a free port itself, and says which.
        let said = tempfile::NamedTempFile::new().map_err(WholeError::io("a temporary file"))?;
        let writing = said
            .reopen()
            .map_err(WholeError::io("a temporary file once more"))?;
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stderr(Stdio::null());
        let (chromedriver, port) = Running::start_saying(&mut command, writing.into(), || {
            started_on(&std::fs::read_to_string(said.path()).ok()?)
        })?;
        let address = format!("127.0.0.1:{port}");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(WholeError::io("starting a runtime"))?;
        let driver = runtime
            .block_on(Self::session(&format!("http://{address}"), script))
            .map_err(failed("a browser"))?;
        let axe = axe_file().and_then(|file| std::fs::read_to_string(file).ok());
        if axe.is_none() {
            eprintln!("skipped: axe-core is not on this machine (tests/run.sh fetches it)");
        }
        Ok(Some(Self {
            runtime,
            driver,
            axe,
            shots: shots_folder(),
            url: url.to_owned(),
            _chromedriver: chromedriver,
        }))
    }

    async fn session(server: &str, script: Script) -> Result<WebDriver, WebDriverError> {
        let mut wanted = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            // Tests run as root in containers, where the sandbox cannot be set up.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--disable-background-networking",
            "--no-first-run",
        ] {
            wanted.add_arg(argument)?;
        }
        if script == Script::Off {
            wanted.add_experimental_option(
                "prefs",
                json!({ "profile.managed_default_content_settings.javascript": 2 }),
            )?;
        }
        WebDriver::new(server, wanted).await
    }

    fn wait<T>(
        &self,
        what: &str,
        work: impl Future<Output = WebDriverResult<T>>,
    ) -> Result<T, WholeError> {
        self.runtime.block_on(work).map_err(failed(what))
    }

    /// Makes the window's inside so many pixels wide and high.
    ///
    /// # Errors
    /// [`WholeError`] where the browser is gone.
    pub fn size(&self, width: u32, height: u32) -> Result<(), WholeError> {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.wait("the window's size", async {
            let tools = self.driver.cdp();
            tools
                .send_raw("Emulation.setDeviceMetricsOverride", metrics)
                .await
                .map(drop)
        })
    }

    /// Goes to a path of the desk.
    ///
    /// # Errors
    /// [`WholeError`] where the page does not load.
    pub fn go(&self, path: &str) -> Result<(), WholeError> {
        self.wait(path, self.driver.goto(format!("{}{path}", self.url)))
    }

    /// The path of the page now shown.
    ///
    /// # Errors
    /// [`WholeError`] where the browser is gone.
    pub fn path(&self) -> Result<String, WholeError> {
        self.wait("the address", self.driver.current_url())
            .map(|url| url.path().to_owned())
    }

    /// Waits until something matches, and gives its text.
    ///
    /// # Errors
    /// [`WholeError`] where nothing comes to match.
    pub fn see(&self, css: &str) -> Result<String, WholeError> {
        let begun = Instant::now();
        loop {
            let found = self.runtime.block_on(async {
                let element = self.driver.find(By::Css(css)).await?;
                element.text().await
            });
            match found {
                Ok(text) => return Ok(text),
                Err(e) if begun.elapsed() > PATIENCE => return Err(failed(css)(e)),
                Err(_) => std::thread::sleep(Duration::from_millis(25)),
            }
        }
    }

    /// Whether something matches now.
    #[must_use]
    pub fn shows(&self, css: &str) -> bool {
        self.runtime
            .block_on(self.driver.find_all(By::Css(css)))
            .is_ok_and(|found| !found.is_empty())
    }

    /// Everything that the page says now.
    ///
    /// # Errors
    /// [`WholeError`] where there is no page.
    pub fn text(&self) -> Result<String, WholeError> {
        self.see("body")
    }

    /// Presses what matches, and waits for the page that it brings.
    ///
    /// # Errors
    /// [`WholeError`] where nothing matches, it cannot be pressed, or no other page comes.
    pub fn press(&self, css: &str) -> Result<(), WholeError> {
        self.onward(css, || self.press_here(css))
    }

    /// Presses what matches, on a page that stays.
    ///
    /// # Errors
    /// [`WholeError`] where nothing matches, or it cannot be pressed.
    pub fn press_here(&self, css: &str) -> Result<(), WholeError> {
        self.see(css)?;
        self.wait(css, async {
            self.driver.find(By::Css(css)).await?.click().await
        })
    }

    /// Does what leads to another page, and waits for that page: what is read next is never the old one's.
    /// Told by the old page's root, which the browser no longer knows; so without script too.
    fn onward(
        &self,
        what: &str,
        act: impl FnOnce() -> Result<(), WholeError>,
    ) -> Result<(), WholeError> {
        let root = self.wait(what, self.driver.find(By::Css("html")))?;
        act()?;
        let begun = Instant::now();
        while self.runtime.block_on(root.tag_name()).is_ok() {
            if begun.elapsed() > PATIENCE {
                return Err(WholeError::NotReady {
                    command: format!("a page after {what}"),
                    seconds: PATIENCE.as_secs(),
                });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.see("body").map(drop)
    }

    /// Types into what matches, in the place of what stood there.
    ///
    /// # Errors
    /// [`WholeError`] where nothing matches.
    pub fn fill(&self, css: &str, text: &str) -> Result<(), WholeError> {
        self.see(css)?;
        self.wait(css, async {
            let field = self.driver.find(By::Css(css)).await?;
            field.clear().await?;
            field.send_keys(text).await
        })
    }

    /// Waits until nothing matches any more.
    ///
    /// # Errors
    /// [`WholeError::NotReady`] where something still does.
    pub fn gone(&self, css: &str) -> Result<(), WholeError> {
        let begun = Instant::now();
        while self.shows(css) {
            if begun.elapsed() > PATIENCE {
                return Err(WholeError::NotReady {
                    command: format!("{css} to go"),
                    seconds: PATIENCE.as_secs(),
                });
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Ok(())
    }

    /// Sets a cookie of the desk.
    ///
    /// # Errors
    /// [`WholeError`] where the browser is gone.
    pub fn cookie(&self, name: &str, value: &str) -> Result<(), WholeError> {
        let mut cookie = Cookie::new(name, value);
        cookie.set_path("/");
        self.wait(name, self.driver.add_cookie(cookie))
    }

    /// Loads the page anew.
    ///
    /// # Errors
    /// [`WholeError`] where the browser is gone.
    pub fn reload(&self) -> Result<(), WholeError> {
        self.wait("the page again", self.driver.refresh())
    }

    /// Goes back one page.
    ///
    /// # Errors
    /// [`WholeError`] where the browser is gone.
    pub fn back(&self) -> Result<(), WholeError> {
        self.wait("back", self.driver.back())
    }

    /// Presses keys of the keyboard, and waits for the page that they bring.
    ///
    /// # Errors
    /// [`WholeError`] where the browser is gone, or no other page comes.
    pub fn keys(&self, keys: impl Into<TypingData>) -> Result<(), WholeError> {
        self.onward("keys", || self.keys_here(keys))
    }

    /// Presses keys of the keyboard, on a page that stays.
    ///
    /// # Errors
    /// [`WholeError`] where the browser is gone.
    pub fn keys_here(&self, keys: impl Into<TypingData>) -> Result<(), WholeError> {
        let keys: TypingData = keys.into();
        self.wait("keys", async {
            self.driver.active_element().await?.send_keys(keys).await
        })
    }

    /// Runs a script as a person with developer's tools would; its value.
    ///
    /// # Errors
    /// [`WholeError`] where it throws.
    pub fn evaluate(&self, script: &str) -> Result<Value, WholeError> {
        self.wait(script, async {
            Ok(self.driver.execute(script, vec![]).await?.json().clone())
        })
    }

    /// Keeps a picture of the window under this name, where pictures are kept.
    ///
    /// # Errors
    /// [`WholeError`] where it cannot be written.
    pub fn shot(&self, name: &str) -> Result<(), WholeError> {
        let Some(folder) = &self.shots else {
            return Ok(());
        };
        let file = folder.join(format!("{name}.png"));
        self.wait(name, self.driver.screenshot(&file))
    }

    /// What axe-core finds serious or critical by WCAG 2.2 AA on the page now shown; nothing where it is
    /// not on this machine.
    ///
    /// # Errors
    /// [`WholeError`] where it does not run.
    pub fn axe(&self) -> Result<Vec<Finding>, WholeError> {
        let Some(axe) = &self.axe else {
            return Ok(Vec::new());
        };
        const RUN: &str = "const done = arguments[0];
            axe.run(document, { resultTypes: ['violations'],
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
            .then((r) => done(r.violations.map((v) => [v.id, v.impact, v.nodes[0].html])),
                  (e) => done([['axe', 'critical', String(e)]]));";
        let found = self.wait("axe-core", async {
            self.driver.execute(axe.as_str(), vec![]).await?;
            Ok(self.driver.execute_async(RUN, vec![]).await?.json().clone())
        })?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(found
            .as_array()
            .into_iter()
            .flatten()
            .map(|f| Finding {
                rule: text(&f[0]),
                impact: text(&f[1]),
                element: text(&f[2]),
            })
            .filter(|f| matches!(f.impact.as_str(), "serious" | "critical"))
            .collect())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Whatever becomes of it: its driver ends with this and takes it along.
        let _ = self.runtime.block_on(self.driver.clone().quit());
    }
}

fn axe_file() -> Option<PathBuf> {
    if let Some(file) = std::env::var_os("MPAKA_AXE") {
        return Some(file.into());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")))?;
    Some(cache.join(AXE))
}

/// Where pictures are kept: `MPAKA_SHOTS`, else `shots` beside the built programs; outside the repository's
/// own files either way.
fn shots_folder() -> Option<PathBuf> {
    let folder = match std::env::var_os("MPAKA_SHOTS") {
        Some(folder) => PathBuf::from(folder),
        None => {
            let this = std::env::current_exe().ok()?;
            this.ancestors()
                .find(|f| f.join("deps").is_dir())?
                .join("../tmp/shots")
        }
    };
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder)
}
