import { o as saveState } from "./core.js";

// src/made.ts
/** Call this before the first change, because a cancelled step may not reach its end. */
function saveWhatIsMade({ steps }) {
	const names = steps.flatMap((step) => step.kind === "create" && step.action === "run" ? [step.machine] : []);
	saveState("made", JSON.stringify(names));
}
/** The runner passes the state of a step only to its own post step. */
function markPostStep() {
	saveState("post", "true");
}
function isPostStep({ STATE_post: post }) {
	return post === "true";
}
/** Returns the names of machines that did not exist before this job. */
function namesMade({ STATE_made: made = "[]" }) {
	return JSON.parse(made);
}

export { saveWhatIsMade as i, markPostStep as n, namesMade as r, isPostStep as t };