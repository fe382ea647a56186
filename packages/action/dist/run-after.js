import { E as say, L as prepareDestroy, O as hide, P as apply, _ as onCancel, a as writeSummaryOf, c as ended, h as tokenSecretsOf, m as readInputs, n as showEvents, t as openWorld, u as loadManifest, v as annotateError, x as annotateReport } from "./world.js";
import { r as namesMade } from "./made.js";

// \0builtin:node:fs/promises?packages/action/src/run-after.ts
const builtin$2 = process.getBuiltinModule("node:fs/promises");
const read$2 = (name) => builtin$2[name];
const _mkdtemp = /* @__PURE__ */ read$2("mkdtemp");

// \0builtin:node:os?packages/action/src/run-after.ts
const builtin$1 = process.getBuiltinModule("node:os");
const read$1 = (name) => builtin$1[name];
const _tmpdir = /* @__PURE__ */ read$1("tmpdir");

// \0builtin:node:path?packages/action/src/run-after.ts
const builtin = process.getBuiltinModule("node:path");
const read = (name) => builtin[name];
const _join = /* @__PURE__ */ read("join");

// src/run-after.ts
/** Removes the machines and exits the process. */
async function runAfter() {
	for (const secret of tokenSecretsOf(process.env)) hide(secret);
	const made = namesMade(process.env);
	const isFine = made.length === 0 || await remove(made).catch(refuse);
	return new Promise(() => {
		process.stdout.write("", () => process.exit(isFine ? 0 : 1));
	});
}
function refuse(thrown) {
	ended({
		project: "pve-provision",
		mode: "destroy"
	}, thrown);
	return false;
}
async function remove(only) {
	say(`Removing the machines that this job created: ${only.join(", ")}.`);
	const inputs = readInputs(process.env);
	const { desired, secrets } = loadManifest(inputs, process.env);
	for (const secret of secrets) hide(secret);
	const factsDirectory = await _mkdtemp(_join(process.env.RUNNER_TEMP || _tmpdir(), "pve-provision-"));
	const world = openWorld(inputs, desired, {
		environment: process.env,
		factsDirectory
	});
	try {
		return await removeIn(world, inputs, {
			desired,
			only
		});
	} finally {
		world.pve.close();
	}
}
async function removeIn(world, inputs, { desired, only }) {
	const { signal } = onCancel(inputs);
	const prepared = await prepareRemoval({
		desired,
		only
	}, world, {
		signal,
		factsMaxAgeMs: 0
	});
	for (const { problem } of prepared.plan.steps) if (problem) annotateError(problem);
	const report = await apply(prepared, showEvents(Date.now));
	annotateReport(report, desired);
	const summary = {
		project: desired.project,
		mode: "destroy",
		plan: prepared.plan,
		report
	};
	if (inputs.summary) await writeSummaryOf(summary);
	return report.ok;
}
/**
* Everything in a project that is named after this run was created by it, so its templates are removed with its last
* machine.
*/
async function prepareRemoval({ desired, only }, world, options) {
	if (isNamedAfterRun(desired.project, process.env)) {
		const whole = await prepareDestroy(desired, world, options);
		if (whole.plan.machines.every(({ name }) => only.includes(name))) return whole;
	}
	return prepareDestroy(desired, world, {
		...options,
		only
	});
}
function isNamedAfterRun(project, { GITHUB_RUN_ID: run = "" }) {
	return run !== "" && project.split(/\D+/).includes(run);
}

export { runAfter };