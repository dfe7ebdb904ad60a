# Checks the PowerShell that runs on a real Hyper-V: syntax and cmdlets. Node's
# modules are put beside the other things that the tests keep.

SUITES += powershell
.PHONY: suite-powershell
suite-powershell: $(BUILD)/deps-powershell.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/hil/powershell_test.py \
	    '$(abspath $(CACHE))/npm/node_modules'
