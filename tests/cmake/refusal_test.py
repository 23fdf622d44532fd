"""What buildlab_add_scenario() and buildlab_add_golden_path() refuse."""

import unittest

from nested import Project


class Refusal(unittest.TestCase):
    """Each call stops the configure step with these words."""

    CASES = {
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . MIN_HIT_RATE 0.5)":
            'unknown keyword or extra value "MIN_HIT_RATE"; did you mean MIN_HIT_RATIO?',
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . LABELS nightly MAX_DURATION_SECS 5)":
            'unknown keyword "MAX_DURATION_SECS"; did you mean MAX_DURATION_SEC?',
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . MIN_HIT_RATIO 0.5 0.7)": 'extra value "0.7"',
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . RUNS)": "RUNS needs a value",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . RUNS many)": 'RUNS is "many"; it takes a number',
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . MIN_HIT_RATIO 90%)": 'MIN_HIT_RATIO is "90%"',
        "buildlab_add_scenario(a.cold KIND wram CONTEXT .)": 'unknown KIND "wram"; did you mean warm?',
        "buildlab_add_scenario(a.cold CONTEXT .)": "KIND is missing",
        "buildlab_add_scenario(a.cold KIND cold)": "CONTEXT is missing",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT nowhere)": "nowhere is no folder",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . DOCKERFILE Dokerfile)": "no Dokerfile in CONTEXT",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT src DOCKERFILE ${CMAKE_SOURCE_DIR}/Dockerfile)":
            "lies outside CONTEXT",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . CACHE_MODE registri)":
            'unknown CACHE_MODE "registri"; did you mean registry?',
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . NETWORK prox)": 'unknown NETWORK "prox"; did you mean proxy?',
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . BUILD_ARGS VERSION)": "written NAME=VALUE",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . BUILD_ARGS A=1 A=2)": "BUILD_ARGS has A twice",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . SECRETS npmrc=.npmrc)": "ID=file:PATH or ID=env:VARIABLE",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . LOCAL_BASE maybe)": "it takes ON or OFF",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . DIGEST_STABLE sometimes)": "DIGEST_STABLE is \"sometimes\"",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . VARY all)": "VARY is for KIND reproducibility only",
        "buildlab_add_scenario(a.r KIND reproducibility CONTEXT . VARY all hostnam)":
            'unknown variation "hostnam"; did you mean hostname?',
        "buildlab_add_scenario(a.r KIND reproducibility CONTEXT . VARY clock=1d)": 'unknown variation "clock=1d"',
        "buildlab_add_scenario(a.r KIND reproducibility CONTEXT . VARY)": "VARY needs a value",
        "buildlab_add_scenario(a.r KIND reproducibility CONTEXT . MAX_BUILDS 9)": "VARY, which is missing",
        "buildlab_add_golden_path(app CONTEXT . EDIT src/main.cpp WARM_VARY all)": "KIND reproducibility only",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . TIMEOUT 5)": "30 or more",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . MAX_DURATION_RATIO 0.5)":
            "MAX_DURATION_RATIO 0.5 OF <scenario>",
        "buildlab_add_scenario(a.warm KIND warm CONTEXT . MAX_DURATION_RATIO 0.5 OF a.warn)":
            'unknown scenario in MAX_DURATION_RATIO ... OF "a.warn"; did you mean a.warm?',
        "buildlab_add_scenario(a.edit KIND edit CONTEXT .)": "KIND edit needs EDIT",
        'buildlab_add_scenario(a.e KIND ephemeral CONTEXT . CACHE_MODE local CACHE_ATTRIBUTES compression)':
            "an attribute is written <name>=<value>",
        'buildlab_add_scenario(a.e KIND ephemeral CONTEXT . CACHE_MODE local CACHE_ATTRIBUTES a=1 a=2)': '"a" twice',
        'buildlab_add_scenario(a.m KIND matrix CONTEXT .)': "KIND matrix needs BACKENDS",
        'buildlab_add_scenario(a.c KIND cold CONTEXT . BACKENDS none local)': "BACKENDS is for KIND matrix",
        'buildlab_add_scenario(a.m KIND matrix CONTEXT . BACKENDS none "{x")': "an object that is no JSON",
        'buildlab_add_scenario(a.e KIND ephemeral CONTEXT . CACHE_MODE registry FAULT "pull gon")':
            'unknown FAULT "gon"; did you mean gone?',
        'buildlab_add_scenario(a.e KIND ephemeral CONTEXT . CACHE_MODE registry FAULT "gone")': "a fault is written",
        'buildlab_add_scenario(a.e KIND ephemeral CONTEXT . CACHE_MODE registry FAULT "push gone")':
            'unknown place of a FAULT "push"',
        'buildlab_add_scenario(a.e KIND ephemeral CONTEXT . CACHE_MODE registry FAULT "pull gone times=x")':
            "it takes <key>=<number>",
        'buildlab_add_scenario(a.e KIND ephemeral CONTEXT . CACHE_MODE registry FAULT "pull gone time=1")':
            'unknown number of a FAULT "time"; did you mean times?',
        'buildlab_add_scenario(a.e KIND ephemeral CONTEXT . CACHE_MODE local FAULT "pull gone")':
            "FAULT is for KIND ephemeral with CACHE_MODE registry",
        'buildlab_add_scenario(a.c KIND cold CONTEXT . FAULT "pull gone")':
            "FAULT is for KIND ephemeral with CACHE_MODE registry",
        'buildlab_add_scenario(a.c KIND cold CONTEXT . FAULT "fetch refused")': "FAULT at fetch is for NETWORK observed",
        'buildlab_add_scenario(a.c KIND cold CONTEXT . NETWORK observed FAULT "fetch gone" "pull gone")':
            "FAULT is for KIND ephemeral with CACHE_MODE registry",
        "buildlab_add_scenario(a.edit KIND edit CONTEXT . INPUT_MUTATION APEND x)":
            'unknown INPUT_MUTATION "APEND"; did you mean APPEND?',
        "buildlab_add_scenario(a.edit KIND edit CONTEXT . INPUT_MUTATION REPLACE x FROM y)": "needs TO",
        "buildlab_add_scenario(a.edit KIND edit CONTEXT . INPUT_MUTATION TOUCH)": "TOUCH needs a value",
        "buildlab_add_scenario(a.edit KIND edit CONTEXT . INPUT_MUTATION [[{\"touch\"]])": "JSON that is none",
        "buildlab_add_scenario(\"a cold\" KIND cold CONTEXT .)": "a name has letters",
        "buildlab_add_scenario(a.cold KIND cold SUBJECT ap)\n": 'unknown subject "ap"',
        "buildlab_add_scenario(a.cold KIND cold CONTEXT .)\nbuildlab_add_scenario(a.cold KIND cold CONTEXT .)":
            "a.cold was declared before, at",
        "buildlab_add_scenario(a.cold KIND cold CONTEXT . SUBJECT s)\n"
        "buildlab_add_scenario(b.cold KIND cold CONTEXT src DOCKERFILE ../Dockerfile SUBJECT s)":
            "SUBJECT s was declared before",
        "buildlab_add_golden_path(app CONTEXT .)": "EDIT is missing",
        "buildlab_add_golden_path(app CONTEXT . EDIT src/main.cpp MIN_HIT_RATIO 1)": 'unknown keyword "MIN_HIT_RATIO"',
        "buildlab_add_golden_path(app CONTEXT . EDIT src/main.cpp WARM_MIN_HIT_RATE 1)":
            "did you mean WARM_MIN_HIT_RATIO?",
    }

    def test_names_the_mistake(self):
        for number, (call, words) in enumerate(self.CASES.items()):
            with self.subTest(call=call):
                done = Project(f"refusal-{number}").scratch_image().lists(call + "\n").configure()
                self.assertNotEqual(done.code, 0, done)
                self.assertIn(" ".join(words.split()), " ".join(done.text.split()))


if __name__ == "__main__":
    unittest.main()
