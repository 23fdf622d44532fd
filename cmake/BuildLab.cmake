#[=======================================================================[.rst:
BuildLab
--------

Registers container builds as CTest tests. Each test really builds an image with BuildKit and judges what
happened: what the cache gave, how long it took, whether the image is the same bit for bit.

The functions exist after ``find_package(BuildLab)`` and after ``FetchContent_MakeAvailable(BuildLab)``.
``enable_testing()`` has to come before them, as before ``add_test()``.

.. code-block:: cmake

  enable_testing()
  find_package(BuildLab REQUIRED)
  buildlab_add_golden_path(app CONTEXT ${CMAKE_CURRENT_SOURCE_DIR} EDIT src/main.cpp)
  buildlab_add_scenario(app.runner SUBJECT app KIND ephemeral CACHE_MODE registry MIN_HIT_RATIO 0.9)

``ctest -R warm`` then builds that image on a primed builder and checks that every step came from the cache;
``ctest -L reproducibility`` runs the whole golden path.

.. command:: buildlab_add_scenario

  Adds one scenario, which is one CTest test of that name:

  .. code-block:: cmake

    buildlab_add_scenario(<name> KIND <cold|warm|edit|reproducibility|ephemeral|matrix|replay>
      # what is built
      [CONTEXT <folder>] [DOCKERFILE <file>] [TARGET <stage>] [BUILD_ARGS <NAME=VALUE>...] [PLATFORM <os/arch>]
      [SECRETS <ID=file:PATH|ID=env:VARIABLE>...] [SOURCE_DATE_EPOCH <seconds|OFF>] [REWRITE_TIMESTAMP [ON|OFF]]
      [LOCAL_BASE [ON|OFF]] [SUBJECT <name>]
      # on which cache, after which change, how often
      [CACHE_MODE <none|builder|local|registry|inline|s3|azblob|gha>] [CACHE_REF <reference>]
      [CACHE_EXPORT_MODE <min|max>] [CACHE_ATTRIBUTES <name>=<value>...]
      [BACKENDS <cache mode>[:<min|max|compression>...]|builder+<cache mode>...|<JSON object>...]
      [EDIT <file>...] [INPUT_MUTATION <mutation>...] [RUNS <n>]
      [MAX_RUNS <n> [UNTIL_INTERVAL <ratio>] [TIME_BUDGET_SEC <seconds>]]
      [FAULT "<import|pull|export|fetch> <fault> [<key>=<number>...]"...]
      [NO_CACHE <stage>... | *] [CACHE_PREIMAGES [ON|OFF]]
      [COMMITS <n|A..B>]
      # in which surroundings
      [NETWORK <direct|proxy|observed>]
      [VARY all|<variation>|-<variation>...] [MAX_BUILDS <n>]
      # gates
      [DIGEST_STABLE [manifest|config|layers|ON|OFF]] [VARIATIONS_STABLE [ON|OFF]]
      [IGNORE_DIFFERENCES <policy>...]
      [MIN_HIT_RATIO <0..1>] [MIN_TIME_WEIGHTED_HIT_RATIO <0..1>]
      [STABLE_HIT_RATIO [ON|OFF]] [MAX_SPREAD <ratio>]
      [MAX_DURATION_SEC <seconds>] [MAX_DURATION_RATIO <ratio> OF <scenario>]
      [CONFIRMATION_RUNS <n>] [CONFIRMATION_BUDGET_SEC <seconds>]
      [EXPECT_CACHED <step>...] [EXPECT_RAN <step>...] [MAX_IMAGE_SIZE <size>] [STRICT_BASELINE [ON|OFF]]
      # the test
      [LABELS <label>...] [TIMEOUT <seconds>] [TIMEOUT_SEC <seconds>] [RETURN <variable>])

  The keywords are the fields of a scenario file in upper case. An unknown keyword stops the configure step.

  ``<name>``
    Letters, digits, ``.``, ``_``, ``-``. What stands before the last dot names the subject.

  ``KIND``
    ``cold``: a fresh builder for each run. ``warm``: a primed builder and unchanged inputs. ``edit``: a primed
    builder and a fresh change before each run. ``reproducibility``: independent fresh builders, whose images are
    compared. ``ephemeral``: a fresh builder that imports the cache of ``CACHE_MODE``.
    ``matrix``: the runners of ``BACKENDS`` in turn, in one table. ``replay``: the commits of the
    repository's history, one build each, on one kept builder or on fresh ones with a cache (docs/replay.md).

  ``CONTEXT``
    The folder that is built, relative to the current source folder. It is copied, never written to; the build
    folder is left out of the copy when it lies inside.

  ``DOCKERFILE``
    Relative to ``CONTEXT``. Default: ``Dockerfile``.

  ``TARGET``, ``BUILD_ARGS``, ``PLATFORM``
    As in ``docker build``. Default: the last stage, none, the machine's own platform.

  ``SECRETS``
    What ``RUN --mount=type=secret`` finds: ``npmrc=file:.npmrc`` (relative to the current source folder) or
    ``token=env:API_TOKEN``. Values are read when the build starts and never kept.

  ``SOURCE_DATE_EPOCH``
    Seconds, or ``OFF``. Default: the time of the context's last git commit, else 0.

  ``REWRITE_TIMESTAMP``
    Whether files in layers newer than that time get it. Default: ``ON``.

  ``LOCAL_BASE``
    Allows a locally made stand-in for ``debian:SUITE`` where docker.io does not answer.

  ``SUBJECT``
    With what-is-built keywords: the subject's name. Alone: what an earlier call built, for example
    ``SUBJECT app`` after ``buildlab_add_golden_path(app ...)``. Scenarios of one subject share its kept builder.

  ``CACHE_MODE``
    Default: ``none`` for cold, reproducibility and ephemeral, ``builder`` for warm, edit and replay.

  ``CACHE_REF``, ``CACHE_EXPORT_MODE``
    For ``registry`` and ``inline``: the image reference of the cache (default: a private registry on loopback). For
    all but ``inline``: ``max`` (default) or ``min``.

  ``CACHE_ATTRIBUTES``
    What BuildKit's cache exporter and importer are told beside these, by its own names: ``compression=zstd``,
    ``bucket=ci-cache``; a credential as ``secret_access_key_env=VARIABLE``. docs/scenarios.md has them all.

  ``BACKENDS``
    For ``KIND matrix``: what is compared. ``none`` (a fresh builder without a cache), ``builder`` (a kept one),
    ``registry:zstd`` (a fresh builder with that cache, an export mode or compression behind it),
    ``builder+registry`` (a kept builder that imports and exports it too), or a JSON object as in a scenario file.

  ``FAULT``
    For ``KIND ephemeral`` with ``CACHE_MODE registry`` and no ``CACHE_REF``: what happens to the measured builds'
    requests to the registry, for example ``"pull cut after_bytes=65536"`` or ``"import status status=503 times=2"``;
    docs/faults.md has all of them and what BuildKit makes of each. With ``NETWORK observed`` of any kind also what
    happens to the requests of ``RUN`` steps, and when: ``"fetch latency latency_ms=2000 build=2 for_ms=5000"``.

  ``NO_CACHE``
    For ``warm``, ``edit``, and ``ephemeral`` with a cache: stages whose steps each measured build runs, whatever the
    cache holds; ``*`` for all steps.

  ``CACHE_PREIMAGES``
    For ``warm``, ``edit``, and ``ephemeral`` with a cache: builders keep what cache keys were computed from, and steps
    that ran are explained with it, at the cost of some milliseconds a build (docs/numbers.md).

  ``COMMITS``
    For ``replay``: a number, the last ones up to HEAD (default: 30), or a range ``A..B``. Its gates are
    ``MIN_HIT_RATIO`` (of all commits together), ``MAX_DURATION_SEC`` (of the median commit) and ``MAX_IMAGE_SIZE``.

  ``EDIT``
    Files, relative to the context, that get a new comment at their end before each run: a shorthand for
    ``INPUT_MUTATION APPEND <file>``.

  ``INPUT_MUTATION``
    What changes in the copy of the context before each run. One or more of ``APPEND <file> [TEXT <text>]``,
    ``REPLACE <file> FROM <text> TO <text>``, ``TOUCH <file>``, ``CHMOD <file> MODE <octal>``,
    ``ADD <file> [TEXT <text>]``, ``DELETE <file>``, ``RENAME <file> TO <file>``,
    ``PATCH <file>`` (relative to the current source folder), ``SET_BUILD_ARG <NAME=VALUE>``, a JSON object as in a
    scenario file, and last ``RUN <program> <argument>...``.

  ``RUNS``
    Measured builds. Default: 1; 2 for warm and reproducibility.

  ``MAX_RUNS``, ``UNTIL_INTERVAL``, ``TIME_BUDGET_SEC``
    For ``cold``, ``warm``, ``edit`` and ``ephemeral``: builds ``RUNS`` times at least and ``MAX_RUNS`` times at most,
    until the 95 % interval of the median is no wider than ``UNTIL_INTERVAL`` of it (default: 0.1) or one more build
    would exceed the time budget. Default: ``RUNS`` builds.

  ``NETWORK``
    How ``RUN`` steps reach the network. ``direct`` (default): as the builder does. ``proxy``: through BuildKit's own
    proxy, which lists every URL with the digest of what it gave, so that two builds which were given different things
    are told which (BuildKit v0.32 or later). Anything but HTTP and HTTPS is blocked then; docs/proxy-network.md. ``observed``:
    also through a server of the run's own, which times every request, so that builds with a noisy network are known.

  ``VARY``
    For ``reproducibility``: changes of the build's surroundings that must not change the image, applied without a
    change of the Dockerfile. ``all``, or names, or ``all`` and names with a ``-`` before them to leave out:
    ``environment``, ``hostname``, ``clock`` (a day, 35 days and a year; ``clock=+12h`` for one offset), ``time_zone``,
    ``locale``, ``umask``, ``user``, ``cpus``, ``kernel``, ``aslr``, ``context_umask``, ``context_order``,
    ``context_mtime``, ``file_order``, ``parallelism``, ``network``, ``cache_mounts``, ``builder_options``. After
    ``RUNS`` plain builds all are varied at once; where that changes the image, the guilty are searched. A guilty one
    fails the gate ``VARIATIONS_STABLE``. docs/variations.md says what each changes and when it cannot be applied,
    which is told and is no pass.

  ``MAX_BUILDS``
    With ``VARY``: how many builds at most, the plain ones included. Default: 24.

  ``DIGEST_STABLE`` ... ``STRICT_BASELINE``
    Gates; docs/gates.md says when each passes, fails, or cannot be evaluated. A gate that cannot be evaluated
    fails the test. A step is named by its stage, its line number, or the start of its text. ``MAX_IMAGE_SIZE`` takes
    ``200MiB`` or bytes. ``reproducibility`` has ``DIGEST_STABLE`` without asking,
    and with ``VARY`` ``VARIATIONS_STABLE`` too. ``IGNORE_DIFFERENCES`` names what makes no image another one for
    these two: ``path=var/log/*,attribute=mtime:<reason>``. Before a gate on durations fails, up to
    ``CONFIRMATION_RUNS`` (default: 10; 0 for none) further builds of each arm have to say so too, within
    ``CONFIRMATION_BUDGET_SEC`` (default: nine tenths of what ``TIMEOUT`` leaves, which bounds it in any case). Where
    that time is too short for a decision the gate is not evaluated, and says so.

  ``LABELS``
    CTest labels beside ``buildlab`` and the kind.

  ``TIMEOUT``
    The CTest property: seconds for the whole test. Default: 3600. The driver stops its builds, reports and cleans up
    before that.

  ``TIMEOUT_SEC``
    Seconds for one build.

  ``RETURN``
    A variable that gets the test's name, for ``set_tests_properties()``.

  Values may have generator expressions; with a multi-config generator each configuration has its own scenario file.

.. command:: buildlab_add_golden_path

  Adds ``<name>.cold``, ``<name>.warm``, ``<name>.edit`` and ``<name>.reproducibility`` of one subject, all with the
  label ``reproducibility`` too:

  .. code-block:: cmake

    buildlab_add_golden_path(<name> <what is built, as above> EDIT <file>... | INPUT_MUTATION <mutation>...
      [<COLD|WARM|EDIT|REPRODUCIBILITY>_<RUNS, NETWORK, VARY, MAX_BUILDS or a gate> <value>...]
      [LABELS <label>...] [TIMEOUT <seconds>] [TIMEOUT_SEC <seconds>] [RETURN <variable>])

  The warm part asks for ``MIN_HIT_RATIO 1`` unless ``WARM_MIN_HIT_RATIO`` says otherwise. ``OF`` may be left out of
  ``WARM_MAX_DURATION_RATIO`` and ``EDIT_MAX_DURATION_RATIO``; it is ``<name>.cold`` then:

  .. code-block:: cmake

    buildlab_add_golden_path(app CONTEXT . TARGET runtime EDIT src/main.cpp
      WARM_RUNS 5 WARM_MAX_DURATION_RATIO 0.25 EDIT_EXPECT_CACHED deps EDIT_MAX_DURATION_RATIO 0.5)

The build tree
^^^^^^^^^^^^^^

Two more tests frame the scenarios as the fixture ``buildlab``: ``buildlab.setup`` installs the engine when it is
missing, checks the scenario file and opens the run; ``buildlab.finish`` ends what is left and writes the summary.
CTest adds them to any selection that has a scenario. In ``<build>/buildlab``:

``buildlab.json``
  All scenarios, for ``build-lab --file <build>/buildlab --store <build>/buildlab list|report|compare``.
``summary.md``, ``junit.xml``
  Of exactly the last ctest run.
``results/<name>.junit.xml``
  Of each scenario's last run.
#]=======================================================================]
cmake_minimum_required(VERSION 3.25...4.1)
include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/BuildLabInternal.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/BuildLabMutations.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/BuildLabCaches.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/BuildLabFaults.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/BuildLabRegister.cmake")

function(buildlab_add_scenario name)
  set(where "buildlab_add_scenario(${name})")
  set(one)
  set(multi)
  foreach(group IN ITEMS SUBJECT PART COMMON SCENARIO)
    get_property(words GLOBAL PROPERTY _BUILDLAB_${group}_ONE)
    list(APPEND one ${words})
    get_property(words GLOBAL PROPERTY _BUILDLAB_${group}_MULTI)
    list(APPEND multi ${words})
  endforeach()
  _buildlab_hide_brackets(${ARGC})
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "${one}" "${multi}")
  _buildlab_show_brackets(${one})
  _buildlab_check_words("${where}" ${one} ${multi})
  _buildlab_register("${name}")
  if(DEFINED arg_RETURN)
    set(${arg_RETURN} ${name} PARENT_SCOPE)
  endif()
endfunction()

function(buildlab_add_golden_path name)
  set(where "buildlab_add_golden_path(${name})")
  set(one)
  set(multi)
  foreach(group IN ITEMS SUBJECT COMMON)
    get_property(words GLOBAL PROPERTY _BUILDLAB_${group}_ONE)
    list(APPEND one ${words})
    get_property(words GLOBAL PROPERTY _BUILDLAB_${group}_MULTI)
    list(APPEND multi ${words})
  endforeach()
  get_property(part_one GLOBAL PROPERTY _BUILDLAB_PART_ONE)
  get_property(part_multi GLOBAL PROPERTY _BUILDLAB_PART_MULTI)
  set(plain_words ${part_one} ${part_multi})
  foreach(kind IN ITEMS COLD WARM EDIT REPRODUCIBILITY)
    list(TRANSFORM part_one PREPEND ${kind}_ OUTPUT_VARIABLE words)
    list(APPEND one ${words})
    list(TRANSFORM part_multi PREPEND ${kind}_ OUTPUT_VARIABLE words)
    list(APPEND multi ${words})
  endforeach()
  # What a part of the path reads without its prefix; a caller's own variables of these names are not meant.
  get_property(scenario_one GLOBAL PROPERTY _BUILDLAB_SCENARIO_ONE)
  foreach(keyword IN LISTS plain_words scenario_one)
    unset(arg_${keyword})
  endforeach()
  _buildlab_hide_brackets(${ARGC})
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "${one}" "${multi}")
  _buildlab_show_brackets(${one})
  _buildlab_check_words("${where}" ${one} ${multi})
  if(NOT DEFINED arg_EDIT AND NOT DEFINED arg_INPUT_MUTATION)
    _buildlab_stop("${where}" "EDIT is missing: a source file, relative to CONTEXT, that the edit part changes")
  endif()
  if(NOT DEFINED arg_WARM_MIN_HIT_RATIO)
    set(arg_WARM_MIN_HIT_RATIO 1)
  endif()
  if(NOT DEFINED arg_SUBJECT)
    get_property(subjects GLOBAL PROPERTY BUILDLAB_SUBJECTS)
    if(NOT name IN_LIST subjects)
      set(arg_SUBJECT "${name}")
    endif()
  endif()
  set(tests)
  foreach(kind IN ITEMS cold warm edit reproducibility)
    _buildlab_golden_part("${name}" ${kind})
    list(APPEND tests ${name}.${kind})
  endforeach()
  if(DEFINED arg_RETURN)
    set(${arg_RETURN} ${tests} PARENT_SCOPE)
  endif()
endfunction()

# One part: the keywords with its kind before them become the plain ones.
function(_buildlab_golden_part name kind)
  string(TOUPPER ${kind} prefix)
  get_property(one GLOBAL PROPERTY _BUILDLAB_PART_ONE)
  get_property(multi GLOBAL PROPERTY _BUILDLAB_PART_MULTI)
  foreach(keyword IN LISTS one multi)
    if(DEFINED arg_${prefix}_${keyword})
      set(arg_${keyword} "${arg_${prefix}_${keyword}}")
    elseif("${prefix}_${keyword}" IN_LIST arg_KEYWORDS_MISSING_VALUES)
      list(APPEND arg_KEYWORDS_MISSING_VALUES ${keyword})
    endif()
  endforeach()
  if(DEFINED arg_MAX_DURATION_RATIO)
    list(LENGTH arg_MAX_DURATION_RATIO count)
    if(count EQUAL 1)
      list(APPEND arg_MAX_DURATION_RATIO OF ${name}.cold)
    endif()
  endif()
  if(NOT kind STREQUAL "edit")
    unset(arg_EDIT)
    unset(arg_INPUT_MUTATION)
  endif()
  set(arg_KIND ${kind})
  list(APPEND arg_LABELS reproducibility)
  _buildlab_register(${name}.${kind} "${name}")
endfunction()
