"""BuildKit's cache keys, worked out from the text of a generated Dockerfile and its files, and from nothing that the
product says. Knows what generated_builds.py writes: no more instructions, flags or commands than that.

A step's key is its own definition, the key of what it stands on, and the content of what it reads. A RUN's definition
holds its variables and its folder; COPY and WORKDIR do not see these. What COPY, COPY --from and bind mounts read counts by
content and mode, never by the key of the step that made it, so that a stage which ran again and came out the same is a hit
for those that copy from it. COPY --link stands on nothing; what follows it stands on both.
"""

import hashlib
import re


class Step:
    """`own` is its definition; `reads` has of each input (origin, bytes by path, modes by path)."""

    def __init__(self, line, stage, text, mark, verb):
        self.line, self.stage, self.text, self.mark, self.verb = line, stage, text, mark, verb
        self.own = self.below = self.key = None
        self.reads, self.needs = [], []


class State:
    """What a stage holds after some instructions."""

    def __init__(self, other=None):
        self.files = dict(other.files) if other else {}
        self.env = dict(other.env) if other else {}
        self.image_env = dict(other.image_env) if other else {}
        self.folder = other.folder if other else "/"
        self.key = other.key if other else "scratch"
        self.top = list(other.top) if other else []  # steps whose results it is made of
        for name, value in self.image_env.items():  # FROM sets the variables of its image anew
            self.set(name, value)

    def set(self, name, value):
        self.env.pop(name, None)
        self.env[name] = value


def digest(*parts):
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def instructions(text):
    """(first line, text) of each; here-documents are part of their instruction."""
    lines, number = text.splitlines(), 0
    while number < len(lines):
        first, whole = number + 1, lines[number]
        number += 1
        if "<<EOF" in whole:
            end = lines.index("EOF", number)
            whole = "\n".join([whole, *lines[number:end + 1]])
            number = end + 1
        yield first, whole


class Build:
    """All steps of a Dockerfile with these files (name -> (bytes, mode)) and arguments."""

    def __init__(self, text, files, args):
        self.context, self.args, self.stages, self.steps = files, args, {}, []
        self.sources = {}  # by stage: the stages that it begins with or reads from
        state = name = None
        for line, instruction in instructions(text):
            verb, rest = instruction.split(None, 1)
            if verb == "FROM":
                base, name = rest.split(" AS ")
                state = self.stages[name] = State(self.stages.get(base))
                self.sources[name] = {base}
            else:
                getattr(self, verb.lower())(state, line, name, instruction, rest)
        self.final = name
        needed = self.needed(name)
        self.steps = [step for step in self.steps if step.stage in needed]
        self.by_name = {(step.stage, step.mark): step for step in self.steps}

    def needed(self, stage):
        """It and all that it is made of; BuildKit leaves the others out."""
        return {stage}.union(*(self.needed(source) for source in self.sources.get(stage, ())))

    def step(self, state, line, stage, text, mark, own, reads=(), alone=False):
        step = Step(line, stage, text, mark, text.split()[0])
        step.own, step.reads = own, list(reads)
        step.below = None if alone else state.key
        step.needs = ([] if alone else list(state.top)) + [top for origin, *_ in reads if origin for top in origin]
        step.key = digest(own, step.below, [(sorted(content.items()), sorted(modes.items()))
                                            for _, content, modes in reads])
        if alone:
            state.key, state.top = digest("merge", state.key, step.key), [*state.top, step]
        else:
            state.key, state.top = step.key, [step]
        self.steps.append(step)
        return step

    def read(self, reader, path, stage=None):
        """(steps that made it or None, digests by path, modes by path) of a file or folder."""
        if stage:
            self.sources[reader].add(stage)
        files = self.stages[stage].files if stage else self.context
        path = path.lstrip("/") if not stage else path
        found = {name[len(path):]: entry for name, entry in files.items()
                 if name == path or name.startswith(path + "/")}
        if not found:
            raise KeyError(f"{path} is not in {stage or 'the context'}")
        return (self.stages[stage].top if stage else None,
                {name: hashlib.sha256(content).hexdigest() for name, (content, _) in found.items()},
                {name: mode for name, (_, mode) in found.items()}, {name: content for name, (content, _) in found.items()})

    def run(self, state, line, stage, text, rest):
        mark = rest.rsplit("/ran/", 1)[1]
        reads = []
        for mount in re.findall(r"--mount=(\S+)", rest):
            options = dict(each.split("=", 1) for each in mount.split(","))
            if options["type"] == "bind":
                reads.append(self.read(stage, options["source"], options.get("from"))[:3])
        out = re.search(r"(?:echo (\S*)|\$BB (wc -l <|cat) (\S+)) > /out\.txt", rest)
        if out:
            word, command, path = out.groups()
            if command:
                content = state.files[path][0]
                made = b"%d\n" % content.count(b"\n") if command.startswith("wc") else content
            else:
                made = (state.env.get(word[1:], "") if word.startswith("$") else word).encode() + b"\n"
            state.files["/out.txt"] = (made, 0o644)
        own = ("run", rest, tuple(state.env.items()), state.folder)
        self.step(state, line, stage, text, mark, own, reads)

    def copy(self, state, line, stage, text, rest):
        flags = dict((re.findall(r"--([a-z]+)(?:=(\S+))?", rest.split("\n")[0])))
        words = [word for word in rest.split("\n")[0].split() if not word.startswith("--")]
        target = words[-1]
        mark = target.split("/")[1]
        if words[0].startswith("<<"):
            body = rest.split("\n", 1)[1]
            state.files[target] = (body[:-3].encode(), 0o644)
            self.step(state, line, stage, text, mark, ("here", target, body))
            return
        read = self.read(stage, words[0], flags.get("from"))
        mode = int(flags["chmod"], 8) if flags.get("chmod") else None
        for name, content in read[3].items():
            place = target + (name.lstrip("/") or words[0].rsplit("/", 1)[-1])
            state.files[place] = (content, mode or read[2][name])
        self.step(state, line, stage, text, mark, ("copy", tuple(words), flags.get("chmod")), [read[:3]],
                  alone="link" in flags)

    def add(self, state, line, stage, text, rest):
        target = rest.split()[-1]
        state.files[target + rest.split()[0].rsplit("/", 1)[-1]] = (b"served\n", 0o600)
        self.step(state, line, stage, text, target.split("/")[1], ("add", rest))

    def workdir(self, state, line, stage, text, rest):
        state.folder = rest
        self.step(state, line, stage, text, rest.split("/")[1], ("workdir", rest))

    def env(self, state, line, stage, text, rest):
        name, value = rest.split("=", 1)
        state.set(name, value)
        state.image_env.pop(name, None)
        state.image_env[name] = value

    def arg(self, state, line, stage, text, rest):
        state.set(rest, self.args[rest])

    def label(self, *_):
        pass

    shell = label

    def keys(self):
        return {step.key for step in self.steps}


def reasons(now, before, known, results):
    """Of each step that must run: (step, reasons any of which is right).

    `before` is the build that filled the cache, `known` are the keys that the cache has, `results` those of them with a
    result. A key without one leads on to what has one: its step runs only where a step that runs stands on it or
    reads from it. Several causes may hold; the nearest to the step counts: its definition, its files, what is below."""
    due = {}  # key -> reason; equal steps of several stages are one

    def run(step):
        due[step.key] = cause(step, before)
        for need in step.needs:
            if need.key not in due and need.key not in results:
                run(need)

    for step in now.steps:
        if step.key not in known and step.key not in due:
            run(step)
    for top in now.stages[now.final].top:
        if top.key not in results and top.key not in due:
            run(top)
    return {step: due[step.key] for step in now.steps if step.key in due}


def cause(step, build):
    before = build.by_name.get((step.stage, step.mark))
    if before and before.key == step.key:
        return {"result-gone"}
    if before is None:
        return {"own-definition"}
    if before.own != step.own:
        return {"own-definition", "input-content"} if step.own[0] == "here" else {"own-definition"}
    metadata = False
    for (origin, content, modes), (_, old_content, old_modes) in zip(step.reads, before.reads):
        if origin is None and content != old_content:
            return {"input-content"}
        metadata = metadata or (origin is None and modes != old_modes)
    return {"input-metadata"} if metadata else {"parent-rekeyed"}


def kept_by_min(build):
    """Keys whose results a cache of mode min holds: what the image's own layers are made of."""
    kept, waiting = set(), list(build.stages[build.final].top)
    while waiting:
        step = waiting.pop()
        kept.add(step.key)
        waiting += [need for need in step.needs if not any(origin and need in origin for origin, *_ in step.reads)]
    return kept
