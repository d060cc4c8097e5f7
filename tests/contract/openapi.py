"""Judge whether a request and its answer conform to GitHub's OpenAPI."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SPEC = Path(__file__).with_name("github-issues-openapi.json")
OLD, NEW = "2022-11-28", "2026-03-10"
_ROOT = "urn:github"

_ANYWHERE = frozenset({304, 400, 401, 403, 404, 429, 500, 501, 502, 503, 504})
"""Statuses that any endpoint can answer, whether its page lists them or not."""

_UNLISTED = frozenset({("GET", "/repos/{owner}/{repo}/issues", 410)})
"""Answers that GitHub is known to give although its OpenAPI does not say so (issues disabled)."""

_REDIRECTS = frozenset({301, 302, 307, 308})

_OUTSIDE = re.compile(r"/(zen|graphql|user/repos|orgs/[^/]+/repos|users/[^/]+|api/graphql)")
"""Routes of the sandbox that the kept part of the OpenAPI does not describe."""


class ContractError(AssertionError):
    """A request or an answer that GitHub's OpenAPI does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    method: str
    template: str
    pattern: re.Pattern[str]
    spec: dict[str, Any]


def _amended(spec: dict[str, Any], version: str) -> dict[str, Any]:
    """Bring the kept document up to date. THE ONE PLACE where it is changed."""
    # Newer than the document: `parent_issue_id` in the body of a create
    # (githubkit-schemas-2026-03-10 26.10.21, appeared in August 2026, in both API versions).
    create = spec["paths"]["/repos/{owner}/{repo}/issues"]["post"]
    body = create["requestBody"]["content"]["application/json"]["schema"]
    body["properties"]["parent_issue_id"] = {"type": "integer", "format": "int64"}
    # GitHub takes the bare list of label names, too, and PyGithub sends it.
    labels = spec["paths"]["/repos/{owner}/{repo}/issues/{issue_number}/labels"]
    for method in ("post", "put"):
        content = labels[method]["requestBody"]["content"]["application/json"]
        names = {"type": "array", "items": {"type": "string"}}
        content["schema"] = {"anyOf": [content["schema"], names]}
    # What API version 2026-03-10 removed (GitHub's breaking-changes changelog).
    if version >= NEW:
        del body["properties"]["assignee"]
        schemas = spec["components"]["schemas"]
        for name in ("issue", "nullable-issue"):
            schemas[name]["required"].remove("assignee")
            del schemas[name]["properties"]["assignee"]
        schemas["rate-limit-overview"]["required"].remove("rate")
        del schemas["rate-limit-overview"]["properties"]["rate"]
    return spec


def _json_schema(node: Any) -> Any:
    """OpenAPI 3.0's dialect as plain JSON Schema: ``nullable`` becomes a type."""
    if isinstance(node, list):
        return [_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _json_schema(value) for key, value in node.items()}
    if plain.pop("nullable", False) is True:
        if "enum" in plain and None not in plain["enum"]:
            plain["enum"] = [*plain["enum"], None]
        return {"anyOf": [{"type": "null"}, plain]}
    if "$ref" in plain:
        return {"$ref": plain["$ref"].replace("#", _ROOT + "#", 1)}
    return plain


@cache
def _loaded(version: str) -> tuple[tuple[_Operation, ...], Registry[Any]]:
    spec = _amended(json.loads(SPEC.read_text(encoding="utf-8")), version)
    spec = _json_schema(spec)
    operations = [
        _Operation(
            method=method.upper(),
            template=template,
            pattern=re.compile(re.sub(r"\{\w+\}", "[^/]+", template)),
            spec=operation,
        )
        for template, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]
    operations.sort(key=lambda each: each.template.count("{"))  # the literal path first
    resource = Resource.from_contents(spec, default_specification=DRAFT202012)
    return tuple(operations), Registry().with_resource(_ROOT, resource)


_FORMATS = jsonschema.FormatChecker([])


@_FORMATS.checks("date-time")
def _is_date_time(value: object) -> bool:
    """Times are UTC, in whole seconds."""
    return not isinstance(value, str) or bool(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value)
    )


@cache
def _validator(version: str, key: str) -> jsonschema.Draft202012Validator:
    _, registry = _loaded(version)
    return jsonschema.Draft202012Validator(
        json.loads(key), registry=registry, format_checker=_FORMATS
    )


def _validate(version: str, schema: Any, value: Any, what: str) -> None:
    errors = list(_validator(version, json.dumps(schema)).iter_errors(value))
    if errors:
        best = jsonschema.exceptions.best_match(errors)
        where = "/".join(str(part) for part in best.absolute_path)
        raise ContractError(f"{what}: at '{where}': {best.message[:500]}")


def _operation(version: str, method: str, path: str) -> _Operation | None:
    for operation in _loaded(version)[0]:
        if operation.method == method and operation.pattern.fullmatch(path):
            return operation
    return None


def _resolved(version: str, node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: dict[str, Any] = _loaded(version)[1].resolver().lookup(node["$ref"]).contents
    return found


def normal(path: str) -> str:
    """A path as the OpenAPI writes it: without query, enterprise prefix, and repository id."""
    bare = path.partition("?")[0].removeprefix("/api/v3").rstrip("/") or "/"
    return re.sub(r"^/repositories/\d+", "/repos/by/id", bare)


def check(
    method: str,
    path: str,
    request_body: Any,
    status: int,
    response_body: Any,
    *,
    version: str = OLD,
) -> None:
    """Raise :class:`ContractError` unless the exchange conforms.

    Bodies are decoded JSON, ``None`` when there is none. A request that the server refused may
    be malformed; what it answered may not.
    """
    method = "GET" if method == "HEAD" else method
    path = normal(path)
    what = f"{method} {path} -> {status}"
    operation = _operation(version, method, path)
    if operation is None:
        if _OUTSIDE.fullmatch(path) or status in _ANYWHERE or status in _REDIRECTS:
            return
        raise ContractError(f"{what}: no such operation")
    if request_body is not None and status < 300:
        body = operation.spec.get("requestBody", {})
        schema = body.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            raise ContractError(f"{what}: a body was sent where none belongs")
        _validate(version, schema, request_body, f"{what}: request")
        _known_fields(version, schema, request_body, what)
    _check_answer(version, operation, status, response_body, what)


def _known_fields(version: str, schema: Any, value: Any, what: str) -> None:
    """Fields that the endpoint does not have are ignored in silence by GitHub: refuse them."""
    properties = _resolved(version, schema).get("properties")
    if not isinstance(value, dict) or properties is None:
        return
    unknown = sorted(set(value) - set(properties))
    if unknown:
        raise ContractError(f"{what}: request: unknown fields {unknown}")


def _check_answer(version: str, operation: _Operation, status: int, body: Any, what: str) -> None:
    answer = operation.spec["responses"].get(str(status))
    if answer is None:
        listed = (operation.method, operation.template, status) in _UNLISTED
        if status in _ANYWHERE or status in _REDIRECTS or listed:
            if status >= 400:
                _check_error(version, body, what)
            return
        raise ContractError(f"{what}: GitHub does not answer that status here")
    content = _resolved(version, answer).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is None:
        if body is not None and status < 400:
            raise ContractError(f"{what}: a body where none belongs")
        _check_error(version, body, what)
        return
    if body is not None or status not in _REDIRECTS:
        _validate(version, schema, body, f"{what}: answer")


def _check_error(version: str, body: Any, what: str) -> None:
    if body is not None:
        schema = {"$ref": f"{_ROOT}#/components/schemas/basic-error"}
        _validate(version, schema, body, f"{what}: error")
