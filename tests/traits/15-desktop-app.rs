//! Plugins of applications with a window. The plugin trait is `Extension`.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use serde_json::Value as Json;
use url::Url;

/// A system's windows.
pub trait System: Debug + Sized + 'static {
    type Handle: SystemHandle<System = Self>;
    type WindowHandle: Debug + Clone + Send + Sync + 'static;
    type PageHandle: Debug + Clone + Send + Sync + 'static;

    fn new() -> Self;
}

pub trait SystemHandle: Debug + Clone + Send + Sync + 'static {
    type System: System<Handle = Self>;

    fn request_exit(&self, code: i32) -> Result<(), String>;
}

/// What an application has.
pub struct Manager<S: System> {
    extensions: Mutex<Vec<Box<dyn Extension<S>>>>,
    windows: Mutex<HashMap<String, Window<S>>>,
    settings: HashMap<String, Json>,
}

/// A handle of the application.
pub struct App<S: System> {
    handle: S::Handle,
    manager: Arc<Manager<S>>,
}

impl<S: System> App<S> {
    pub fn new(handle: S::Handle, settings: HashMap<String, Json>) -> Self {
        let manager = Manager { extensions: Mutex::default(), windows: Mutex::default(), settings };
        App { handle, manager: Arc::new(manager) }
    }

    pub fn add(&self, mut extension: Box<dyn Extension<S>>) -> Result<(), Box<dyn std::error::Error>> {
        let settings = self.manager.settings.get(extension.name()).cloned().unwrap_or_default();
        extension.initialize(self, settings)?;
        self.manager.extensions.lock().unwrap().push(extension);
        Ok(())
    }

    pub fn window(&self, label: &str) -> Option<Window<S>> {
        self.manager.windows.lock().unwrap().get(label).cloned()
    }

    pub fn exit(&self, code: i32) -> Result<(), String> {
        self.handle.request_exit(code)
    }
}

impl<S: System> Clone for App<S> {
    fn clone(&self) -> Self {
        App { handle: self.handle.clone(), manager: self.manager.clone() }
    }
}

/// A window.
pub struct Window<S: System> {
    label: String,
    handle: S::WindowHandle,
    app: App<S>,
}

impl<S: System> Window<S> {
    pub fn label(&self) -> &str {
        &self.label
    }

    pub fn app(&self) -> &App<S> {
        &self.app
    }
}

impl<S: System> Clone for Window<S> {
    fn clone(&self) -> Self {
        Window { label: self.label.clone(), handle: self.handle.clone(), app: self.app.clone() }
    }
}

/// A page in a window.
pub struct Page<S: System> {
    label: String,
    handle: S::PageHandle,
    window: Arc<Mutex<Window<S>>>,
    app: App<S>,
}

impl<S: System> Page<S> {
    pub fn label(&self) -> &str {
        &self.label
    }

    pub fn app(&self) -> &App<S> {
        &self.app
    }

    pub fn window(&self) -> Window<S> {
        self.window.lock().unwrap().clone()
    }
}

impl<S: System> Clone for Page<S> {
    fn clone(&self) -> Self {
        let (label, handle) = (self.label.clone(), self.handle.clone());
        Page { label, handle, window: self.window.clone(), app: self.app.clone() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadMoment {
    Started,
    Finished,
}

/// What is known of a page that loads.
#[derive(Debug, Clone)]
pub struct Load<'a> {
    pub(crate) url: &'a Url,
    pub(crate) moment: LoadMoment,
}

impl<'a> Load<'a> {
    pub fn url(&'a self) -> &'a Url {
        self.url
    }

    pub fn moment(&self) -> LoadMoment {
        self.moment
    }
}

/// Code that is run in each page.
#[derive(Debug, Clone)]
pub struct Script {
    pub text: String,
    pub main_frame_only: bool,
}

/// Prevents an exit.
#[derive(Debug, Clone)]
pub struct ExitControl(std::sync::mpsc::Sender<()>);

impl ExitControl {
    pub fn prevent(&self) {
        self.0.send(()).unwrap();
    }
}

#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum WindowEvent {
    Resized(u32, u32),
    Focused(bool),
    Destroyed,
}

#[derive(Debug)]
#[non_exhaustive]
pub enum AppEvent {
    Exit,
    #[non_exhaustive]
    ExitRequested {
        code: Option<i32>,
        control: ExitControl,
    },
    #[non_exhaustive]
    Window {
        label: String,
        event: WindowEvent,
    },
    Ready,
    Resumed,
    Idle,
}

#[derive(Debug, Clone)]
pub enum Answer {
    Ok(Json),
    Failed(Json),
}

pub type Responder<S> = dyn FnOnce(&Page<S>, &str, Answer) + Send + 'static;

/// Answers a call.
pub struct Resolver<S: System> {
    page: Page<S>,
    responder: Arc<Mutex<Option<Box<Responder<S>>>>>,
    command: String,
}

impl<S: System> Resolver<S> {
    pub fn resolve(self, answer: Answer) {
        let responder = self.responder.lock().unwrap().take();
        if let Some(responder) = responder {
            responder(&self.page, &self.command, answer);
        }
    }
}

/// A call from a page.
pub struct Call<S: System> {
    pub page: Page<S>,
    pub command: String,
    pub arguments: Json,
    pub resolver: Resolver<S>,
    pub permissions: Option<Vec<String>>,
}

/// A plugin of the application.
pub trait Extension<S: System>: Send {
    /// Returns the name, under which the plugin's settings are.
    fn name(&self) -> &'static str;

    /// Is called first.
    #[allow(unused_variables)]
    fn initialize(&mut self, app: &App<S>, settings: Json) -> Result<(), Box<dyn std::error::Error>> {
        Ok(())
    }

    /// Returns code for the main frame.
    fn script(&self) -> Option<String> {
        None
    }

    /// Returns code and where it is run.
    fn script_for_frames(&self) -> Option<Script> {
        self.script().map(|text| Script { text, main_frame_only: true })
    }

    /// A window has been made.
    #[allow(unused_variables)]
    fn window_made(&mut self, window: Window<S>) {}

    /// A page has been made.
    #[allow(unused_variables)]
    fn page_made(&mut self, page: Page<S>) {}

    /// Says whether a page may go to an address.
    #[allow(unused_variables)]
    fn may_go(&mut self, page: &Page<S>, url: &Url) -> bool {
        true
    }

    /// A page loads.
    #[allow(unused_variables)]
    fn loads(&mut self, page: &Page<S>, load: &Load<'_>) {}

    /// Something has happened.
    #[allow(unused_variables)]
    fn happened(&mut self, app: &App<S>, event: &AppEvent) {}

    /// Says whether the plugin answers a call.
    #[allow(unused_variables)]
    fn answer(&mut self, call: Call<S>) -> bool {
        false
    }
}
