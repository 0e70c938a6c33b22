/** A camera in a page: on by a click, off as soon as nobody looks. */

/** Its message is for the reader. */
export class CameraError extends Error {}

const WHY: Readonly<Record<string, string>> = {
  NotAllowedError: "The browser did not allow the camera. Allow it for this page in the browser's settings",
  NotFoundError: "There is no camera",
  NotReadableError: "The camera does not answer; another program may be using it",
};

export class Camera {
  private stream: MediaStream | undefined;
  /** Counts starts and stops: an answer that comes after a stop is too late. */
  private turn = 0;

  /** `changed` is called whenever it goes on or off. */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly changed: () => void,
    presence: AbortSignal,
  ) {
    presence.addEventListener("abort", () => this.stop());
    const whenHidden = () => document.visibilityState === "hidden" && this.stop();
    document.addEventListener("visibilitychange", whenHidden, { signal: presence });
  }

  get isOn(): boolean {
    return this.stream !== undefined;
  }

  /** Resolves once it shows a picture; throws a CameraError where it can't be had. */
  async start(): Promise<void> {
    const turn = ++this.turn;
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (devices === undefined) {
      throw new CameraError(
        "The browser lends the camera only to pages with a secure address (https). Take a picture with it " +
          "another way, and choose the file.",
      );
    }
    let stream: MediaStream;
    try {
      stream = await devices.getUserMedia({ video: { facingMode: "environment" } });
    } catch (error) {
      const name = error instanceof Error ? error.name : "";
      throw new CameraError(`${WHY[name] ?? "The camera can't be used"}, or choose a file.`);
    }
    if (turn !== this.turn) return end(stream);
    this.stream = stream;
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.stop());
    this.video.srcObject = stream;
    this.changed();
    await this.video.play().catch(() => undefined); // stopped before it began
  }

  stop(): void {
    this.turn++;
    if (this.stream === undefined) return;
    end(this.stream);
    this.stream = undefined;
    this.video.srcObject = null;
    this.changed();
  }
}

function end(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
