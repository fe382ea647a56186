import { t as HttpClient } from "./lib.js";
import { t as BearerCredentialHandler } from "./auth.js";
import { t as VERSION } from "./version.js";

// src/comment/github-comments.ts
const PER_PAGE = 100;
/** If a pull request has more pages of comments than this, a second comment is created. */
const PAGES = 30;
function createComments({ api, repository, issue, token }) {
	const client = new HttpClient(`pve-provision-action/${VERSION}`, [new BearerCredentialHandler(token)], {
		socketTimeout: 1e4,
		allowRetries: true,
		maxRetries: 2,
		headers: {
			accept: "application/vnd.github+json",
			"x-github-api-version": "2022-11-28"
		}
	});
	const root = `${api}/repos/${repository}/issues`;
	return {
		/** Returns the id of the comment that begins with this mark. */
		async find(mark) {
			for (let page = 1; page <= PAGES; page++) {
				const query = `per_page=${PER_PAGE}&page=${page}`;
				const { result } = await client.getJson(`${root}/${issue}/comments?${query}`);
				const found = result?.find((comment) => comment.body?.startsWith(mark) && isTrusted(comment));
				if (found !== void 0 || (result?.length ?? 0) < PER_PAGE) return found?.id;
			}
		},
		async create(body) {
			await client.postJson(`${root}/${issue}/comments`, { body });
		},
		async update(id, body) {
			await client.patchJson(`${root}/comments/${id}`, { body });
		}
	};
}
/** Another user may copy the mark into a comment. Such a comment must not be updated. */
function isTrusted({ user, author_association: association = "" }) {
	return user?.type === "Bot" || [
		"OWNER",
		"MEMBER",
		"COLLABORATOR"
	].includes(association);
}

export { createComments };