#!/bin/sh
# `srun` for scripts that were written for Slurm: runs its words once for each process that was asked for (-n, else
# SLURM_NTASKS), all at once and each with its SLURM_PROCID, and ends with the largest exit code. Options that choose
# machines, processors or memory have chosen already and are passed over (srun(1), Slurm 24.11).
count=${SLURM_NTASKS:-1}
while [ $# -gt 0 ]; do
  case $1 in
  --) shift; break ;;
  -n|--ntasks) count=$2; shift 2 ;;
  --ntasks=*) count=${1#*=}; shift ;;
  -n[0-9]*) count=${1#-n}; shift ;;
  -o|--output) exec >"$2"; shift 2 ;;
  --output=*) exec >"${1#*=}"; shift ;;
  -e|--error) exec 2>"$2"; shift 2 ;;
  --error=*) exec 2>"${1#*=}"; shift ;;
  -i|--input) exec <"$2"; shift 2 ;;
  --input=*) exec <"${1#*=}"; shift ;;
  -[AaBCDcdGgJLMmNPpqrSTtWwx]) shift 2 ;;
  --account|--array|--bcast|--chdir|--constraint|--cpu-bind|--cpus-per-task|--dependency|--distribution) shift 2 ;;
  --exclude|--export|--gpus|--gres|--hint|--job-name|--mem|--mem-per-cpu|--mem-bind|--mpi|--nodelist|--nodes) shift 2 ;;
  --ntasks-per-node|--partition|--qos|--signal|--threads-per-core|--time|--wait) shift 2 ;;
  -*) shift ;;
  *) break ;;
  esac
done
[ $# -gt 0 ] || { echo "srun: no command given" >&2; exit 1; }
case $count in ''|*[!0-9]*|0) echo "srun: -n $count: not a number of processes" >&2; exit 1 ;; esac
if [ "$count" = 1 ]; then SLURM_PROCID=0 SLURM_LOCALID=0 exec "$@"; fi
rank=0 pids= worst=0
while [ "$rank" -lt "$count" ]; do
  (export SLURM_PROCID=$rank SLURM_LOCALID=$rank; exec "$@") &
  pids="$pids $!" rank=$((rank + 1))
done
for pid in $pids; do wait "$pid"; code=$?; [ "$code" -gt "$worst" ] && worst=$code; done
exit "$worst"
