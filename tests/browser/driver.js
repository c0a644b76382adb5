// What the driver asks of the page. Each wait is for something to be true; PATIENCE, in seconds,
// ends the ones that would last for ever, and says what was not true.
window.driver = (() => {
  /** Once the frame that is asked for now is painted: a message that is posted from it arrives later. */
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done();
    port2.postMessage(null);
  }));

  /** Wait frame by frame until reason() has none left to wait. */
  async function until(what, reason) {
    const end = performance.now() + 1000 * window.PATIENCE;
    for (;;) {
      await painted();
      const found = reason();
      if (!found) return;
      if (performance.now() > end) throw new Error(`${what} after ${window.PATIENCE} s: ${found}`);
    }
  }

  // The notebook ------------------------------------------------------------------------------------
  const panel = () => window.jupyterapp?.shell.currentWidget;
  const kernel = () => panel()?.sessionContext?.session?.kernel;
  const ready = (path) => panel()?.context?.path === path && kernel()?.status === "idle";
  const open = async (path) => { await window.jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" }); };

  async function close() {
    const open = panel();
    await open.sessionContext.shutdown();
    open.context.model.dirty = false; // or it would ask
    open.dispose();
  }

  async function restart() {
    await panel().sessionContext.restartKernel();
    await until("the kernel does not answer", () => (kernel()?.status === "idle" ? "" : kernel()?.status ?? "there is none"));
  }

  function* within(widget) {
    yield widget;
    for (const child of widget.children()) yield* within(child);
  }

  /** The models of the widgets that the notebook shows. */
  const models = () => [...new Set([...within(panel().content)].filter((one) => one._view?.model).map((one) => one._view.model))];

  /** What a model still has to tell Python, or has told it without an answer. */
  function owes(model) {
    if (!model.comm_live) return "";
    const waits = [...Object.keys(model._buffered_state_diff ?? {}), ...Object.keys(model._msg_buffer ?? {})];
    return waits.length || model._pending_msgs ? `${model.get("_anywidget_id") ?? model.name}: ${waits.join() || "an answer"}` : "";
  }

  /** What a widget of the page still does for the last gesture, such as decoding a file. */
  const works = () => document.querySelector(".cnn[aria-busy=true]")?.className ?? "";

  /**
   * Wait until the kernel has taken what widgets have told it. It does so in threads of their own ("subshells"),
   * so that a cell which is sent later may be run earlier; within one, messages are taken in their order.
   */
  async function heard() {
    const one = kernel();
    if (!["idle", "busy"].includes(one?.status)) return;
    // A model that has been closed, as its kernel was restarted, is live for Jupyter still, and has no comm.
    const comms = models().filter((model) => model.comm_live && model.comm).map((model) => model.comm.jsServicesComm);
    const threads = new Set(comms.map((comm) => comm.subshellId).filter(Boolean));
    await Promise.all([...threads].map((subshell_id) => one.sendShellMessage({
      header: { msg_id: crypto.randomUUID(), msg_type: "comm_info_request", session: one.clientId, username: "", version: "5.2",
        date: new Date().toISOString(), subshell_id },
      parent_header: {}, metadata: {}, content: { target_name: "driver" }, channel: "shell", buffers: [],
    }, true).done));
  }

  async function agree() {
    await until("page and Python do not agree", () => models().map(owes).filter(Boolean).join("; ") || works());
    await heard();
    await painted();
  }

  /** Until each widget that the notebook's outputs hold is drawn: it comes by messages, after its cell has ended. */
  const drawn = () => until("a widget is not drawn", () => {
    const views = [...panel().node.querySelectorAll("[data-mime-type='application/vnd.jupyter.widget-view+json'] .jupyter-widgets")];
    return views.filter((one) => !one.childElementCount).map((one) => one.className).join("; ");
  });

  async function execute(code, asked) {
    await agree();
    const reply = await kernel().requestExecute({ code, user_expressions: asked, store_history: false }).done;
    // What Python has sent on the way is here: it asks for a frame, and is painted in it.
    await painted();
    await painted();
    return reply.content;
  }

  // The layout ----------------------------------------------------------------------------------------
  const roots = () => [...document.querySelectorAll(".cnn")];
  const boxes = () => roots().flatMap((root) => [root, ...root.querySelectorAll("svg, canvas, input, button")])
    .map((one) => { const { x, y, width, height } = one.getBoundingClientRect(); return [x, y, width, height].join(); }).join(";");
  const moving = () => document.getAnimations().find((one) => one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity);

  /** Until three frames in a row show the same: no box moves, nothing changes, nothing is animated. */
  async function rest() {
    await document.fonts.ready;
    let [still, before, changed] = [0, "", ""];
    const observer = new MutationObserver(([{ target, type, attributeName }]) => {
      changed = `${type} ${attributeName ?? ""} of ${(target.outerHTML ?? target.parentElement?.outerHTML ?? "").slice(0, 90)}`;
    });
    const watched = roots();
    watched.forEach((root) => observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true }));
    try {
      await until("the page is not at rest", () => {
        const now = boxes();
        const animated = moving();
        const reason = now !== before ? "the layout moves" : changed || (animated ? `${animated.constructor.name} ${animated.animationName ?? animated.transitionProperty ?? ""}` : "");
        [before, changed, still] = [now, "", reason ? 0 : still + 1];
        return reason || (still < 3 ? "it has only just come to rest" : "");
      });
    } finally {
      observer.disconnect();
    }
  }

  /**
   * Where a share (x, y) of an element's box lies in the window, at rest; to `press` there, a
   * pointer must hit the element, or what belongs to it: a cell is hit through what lies in its svg.
   */
  async function aim(element, x, y, press) {
    await rest();
    const place = () => {
      const box = element.getBoundingClientRect();
      return [box.x + x * box.width, box.y + y * box.height];
    };
    const whole = (element.ownerSVGElement ?? element).parentElement;
    const hits = () => whole.contains(document.elementFromPoint(...place()));
    if (press && !hits()) {
      await until(`nothing can be pressed at (${x}, ${y}) of ${element.outerHTML.slice(0, 90)}`, () => {
        if (hits()) return "";
        element.scrollIntoView({ block: "center", inline: "nearest" });
        const found = document.elementFromPoint(...place());
        return found ? `${found.outerHTML.slice(0, 90)} is there` : "it is out of sight";
      });
      await rest();
    }
    return place();
  }

  return { painted, ready, open, close, restart, models, agree, drawn, execute, rest, aim };
})();
