#!/usr/bin/env bash
# What takes too long for every run of the tests: trainings killed twenty times over, one of 200 epochs that may hold no more at its end than when it
# was warm, and packages made from clones of the commit. Needs what test.sh needs, and a build in Release (dotnet build Adversarial.sln -c Release).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../test/Microsoft.ML.Adversarial.PublicApi.Tests"

export ADVERSARIAL_KILLS=${ADVERSARIAL_KILLS:-20} ADVERSARIAL_SOAK=${ADVERSARIAL_SOAK:-200} ADVERSARIAL_PACKING=true OMP_WAIT_POLICY=PASSIVE
exec dotnet bin/Release/net10.0/Microsoft.ML.Adversarial.PublicApi.Tests.dll -class '*KilledTrainingTests' -class '*SoakTests' -class '*PackingTests'
