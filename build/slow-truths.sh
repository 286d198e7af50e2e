#!/usr/bin/env bash
# What takes too long for every run of the tests: trainings killed twenty times over, one of 200 epochs that may hold no more at its end than when it
# was warm, packages made from clones of the commit, tool and templates installed, and thousands of files that are not what they should be (the one at which a process ended is in hostile-file.txt
# beside the tests' program), networks of the paper's size trained, saved and loaded, the explorer's first start with the models that it has in use, the explorer under load, and a training over two hosts (as root, with Open MPI). Needs what test.sh needs, and a build in Release (dotnet build Adversarial.sln -c Release).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../test/Microsoft.ML.Adversarial.PublicApi.Tests"

export ADVERSARIAL_KILLS=${ADVERSARIAL_KILLS:-20} ADVERSARIAL_SOAK=${ADVERSARIAL_SOAK:-200} ADVERSARIAL_PACKING=true ADVERSARIAL_LARGE=true ADVERSARIAL_FIRST_START=true ADVERSARIAL_LOAD=true ADVERSARIAL_HOSTILE=${ADVERSARIAL_HOSTILE:-5000} OMP_WAIT_POLICY=PASSIVE
dotnet ../Microsoft.ML.Adversarial.Tests/bin/Release/net10.0/Microsoft.ML.Adversarial.Tests.dll -class '*HostileFilesTests' -class '*LargeModelTests' -class '*LargeNetworkTests'
bash ../DistributedTraining/over-namespaces.sh
# Alone on the machine: they measure times.
dotnet bin/Release/net10.0/Microsoft.ML.Adversarial.PublicApi.Tests.dll -parallel none -class '*MalformedUploadTests' -class '*ExplorerLoadTests' -class '*FirstStartTests'
exec dotnet bin/Release/net10.0/Microsoft.ML.Adversarial.PublicApi.Tests.dll -class '*KilledTrainingTests' -class '*DistributedTrainingTests' -class '*SoakTests' -class '*PackageTests' -class '*PackingTests' -class '*ToolPackageTests' -class '*TemplateTests'
